// A function that nothing defined when its object was opened is found in what was opened later and needs
// that object.

#include "opens.h"

int main(void) {
  void* first = opened("libfirst.so", RTLD_LAZY);
  void* second = opened("libsecond.so", RTLD_LAZY);
  say_number("weak", answer(second, "call_weak"));
  say_number("strong", answer(first, "call"));
  closed(second);
  say_number("kept", is_mapped("libsecond.so"));
  return 0;
}
