// An exception passes through frames of a C library.

#include <cstdio>
#include <cstdlib>

extern "C" int pass(int (*function)(int), int argument);

struct Announced {
  ~Announced() { std::puts("unwound"); }
};

static int throws(int argument) {
  Announced announced;
  if (argument) throw argument;
  return 0;
}

int main() {
  try {
    pass(throws, 6);
  } catch (int number) {
    std::printf("caught %d\n", number);
  }
  return 0;
}
