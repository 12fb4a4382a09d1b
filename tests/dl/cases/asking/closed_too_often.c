// A handle that is not open cannot be closed.

#include "opens.h"

int main(void) {
  void* handle = opened("libnamed.so", RTLD_NOW | RTLD_NOLOAD);
  closed(handle);
  dlerror();
  claim("refused", dlclose(handle) != 0);
  claim("with an error", dlerror() != 0);
  claim("still there", opened("libnamed.so", RTLD_NOW | RTLD_NOLOAD) != NULL);
  return 0;
}
