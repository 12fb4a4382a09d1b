// The program's operator new is the library's and the C++ library's too.

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

static int count;

void* operator new(std::size_t size) {
  ++count;
  return std::malloc(size);
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int* made_in_library();

int main() {
  int before = count;
  delete made_in_library();
  std::printf("library %d\n", count - before);
  before = count;
  std::string text("long enough not to be kept inside the object itself");
  text += " and longer";
  std::printf("C++ library %d\n", count - before);
  return 0;
}
