// RTLD_NOLOAD counts as an open.

#include "opens.h"

int main(void) {
  void* handle = opened("libprovides.so", RTLD_NOW);
  opened("libprovides.so", RTLD_NOW | RTLD_NOLOAD);
  closed(handle);
  claim("still mapped", is_mapped("libprovides.so"));
  closed(handle);
  claim("no longer mapped", !is_mapped("libprovides.so"));
  return 0;
}
