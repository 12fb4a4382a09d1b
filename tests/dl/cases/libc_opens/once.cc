// Exceptions leave functions of libc that clean up after themselves: libc's personality routine looks at
// those frames with a libgcc_s that libc has opened.
#include <dirent.h>
#include <mutex>
#include <new>

#include "opens.h"

namespace {

std::once_flag flag;
pthread_once_t control = PTHREAD_ONCE_INIT;

void throw_number() { throw 42; }
int throw_as_filter(const dirent*) { throw 43; }
ssize_t throw_as_writer(void*, const char*, size_t) { throw 44; }

template <class Function>
void caught(const char* name, Function function) {
  try {
    function();
    say_text(name, "nothing thrown");
  } catch (int number) {
    say_number(name, number);
  }
}

void write_through_cookie() {
  cookie_io_functions_t functions = {};
  functions.write = throw_as_writer;
  FILE* file = fopencookie(nullptr, "w", functions);
  setvbuf(file, nullptr, _IONBF, 0);
  fputs("text", file);
}

}  // namespace

int main() {
  caught("call_once", [] { std::call_once(flag, throw_number); });
  caught("pthread_once", [] { pthread_once(&control, throw_number); });
  dirent** entries = nullptr;
  caught("scandir", [&] { scandir("/", &entries, throw_as_filter, nullptr); });
  caught("cookie", write_through_cookie);
  return 0;
}
