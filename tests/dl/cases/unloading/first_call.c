// What a function is bound to at its first call outlives its user, at dlclose and at exit (-DLEFT_OPEN).

#include "opens.h"

int main(void) {
  void* user = opened("libuser.so", RTLD_LAZY);
  void* provider = opened("libprovider.so", RTLD_LAZY | RTLD_GLOBAL);
  say_number("used", answer(user, "use"));
#ifndef LEFT_OPEN
  closed(provider);
  closed(user);
#else
  (void)provider;
#endif
  say("the program ends");
  return 0;
}
