// What an object was bound to first is destroyed first, whichever was opened first.

#include "opens.h"

int main(void) {
  opened("libfirst.so", RTLD_NOW | RTLD_GLOBAL);
  opened("libsecond.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("used", answer(opened("libuser.so", RTLD_NOW), "use"));
  say("the program ends");
  return 0;
}
