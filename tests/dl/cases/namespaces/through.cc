// What the program throws passes through code of another namespace, and so do its back traces.

#include <execinfo.h>

#include "spaces.h"

namespace {

using CallBack = int(int (*)(int), int);

CallBack* call_back;

int fail(int number) {
  if (number > 0) throw number;
  return 0;
}

int count_frames(int) {
  void* frames[64];
  return backtrace(frames, 64);
}

int frames_to_main() { return count_frames(0); }

}  // namespace

int main() {
  void* handle = opened_apart("libcallback.so");
  call_back = reinterpret_cast<CallBack*>(found(handle, "call_back"));
  say_number("nothing thrown", call_back(fail, 0));
  try {
    call_back(fail, 42);
    say("not thrown");
  } catch (int number) {
    say_number("caught", number);
  }
  int direct = frames_to_main();
  claim("the frames of both", call_back(count_frames, 0) >= direct);
  closed(handle);
  return 0;
}
