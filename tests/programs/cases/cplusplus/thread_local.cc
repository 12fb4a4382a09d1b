// thread_local objects are constructed and destroyed in each thread.

#include <cstdio>
#include <thread>

struct Announced {
  int number = 0;

  ~Announced() { std::printf("destroyed with %d\n", number); }
};

thread_local Announced own;
int& in_library();

int main() {
  own.number = 1;
  for (int n = 2; n < 4; ++n)
    std::thread([n] {
      own.number = n;
      std::printf("library %d\n", in_library() += n);
    }).join();
  std::printf("main's %d, library's %d\n", own.number, in_library());
  return 0;
}
