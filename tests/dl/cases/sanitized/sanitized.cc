// Opens a plugin three times and uses its TLS and its exceptions, in main and in threads.

#include <stdexcept>

#include "opens.h"

static thread_local int own = 5;

static void* work(void* handle) {
  say_number("a thread's TLS of the object", answer(handle, "next"));
  say_number("a thread's own", ++own);
  try {
    answer(handle, "throws");
  } catch (const std::exception& exception) {
    say_text("caught", exception.what());
  }
  return nullptr;
}

int main() {
  for (int round = 0; round < 3; ++round) {
    void* handle = opened("libplugin.so", RTLD_NOW);
    say_number("TLS of the object", answer(handle, "next"));
    joined(started(work, handle));
    try {
      answer(handle, "throws");
    } catch (const std::exception& exception) {
      say_text("caught", exception.what());
    }
    closed(handle);
  }
  return 0;
}
