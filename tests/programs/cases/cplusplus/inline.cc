// An inline variable and a function's static are one over the program and a library.

#include <iostream>

inline int shared = 10;

inline int& counter() {
  static int count = 20;
  return count;
}

int* library_shared();
int* library_counter();

int main() {
  std::cout << "variable " << (library_shared() == &shared ? "yes" : "NO") << std::endl;
  std::cout << "static " << (library_counter() == &counter() ? "yes" : "NO") << std::endl;
  ++*library_counter();
  std::cout << counter() << std::endl;
  return 0;
}
