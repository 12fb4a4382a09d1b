// An object that could not be opened can be once its symbol is there.

#include "unchanged.h"

int main(void) {
  claim("refused", refused("libwants.so", RTLD_NOW));
  opened("libprovides.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("taken", answer(opened("libwants.so", RTLD_NOW), "taken"));
  return 0;
}
