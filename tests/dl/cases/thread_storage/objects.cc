// thread_local objects of an opened object are constructed on first use in each thread.

#include "opens.h"

static void* work(void* handle) {
  say_number("value", answer(handle, "use"));
  say("the thread ends");
  return nullptr;
}

int main() {
  void* handle = opened("libobjects.so", RTLD_NOW);
  say("opened");
  joined(started(work, handle));
  joined(started(work, handle));
  say_number("value", answer(handle, "use"));
  say_number("value", answer(handle, "use"));
  return 0;
}
