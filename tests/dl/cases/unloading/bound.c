// An object that another one's references are bound to stays with it.

#include "opens.h"

int main(void) {
  void* provider = opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  void* user = opened("libuses.so", RTLD_NOW);
  closed(provider);
  say_number("used after the close", answer(user, "uses"));
  closed(user);
  claim("now it is gone", !is_mapped("libprovides.so"));
  return 0;
}
