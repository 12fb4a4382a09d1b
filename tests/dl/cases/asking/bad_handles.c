// What is no handle is refused.

#include "opens.h"

int main(void) {
  static char zeros[4096];
  struct link_map* map;
  void* bad = zeros + 64;
  claim("dlsym", unknown(bad, "strlen"));
  claim("dlclose", dlclose(bad) != 0 && dlerror() != 0);
  claim("dlinfo", dlinfo(bad, RTLD_DI_LINKMAP, &map) != 0 && dlerror() != 0);
  return 0;
}
