// dlinfo gives the origin, the namespace and the program headers.

#include "opens.h"

int main(void) {
  char origin[4096];
  Lmid_t space = 77;
  const ElfW(Phdr)* headers = 0;
  void* handle = opened("libnamed.so", RTLD_NOW);
  say_number("origin", dlinfo(handle, RTLD_DI_ORIGIN, origin));
  say_text("folder", last_component(origin));
  say_number("namespace", dlinfo(handle, RTLD_DI_LMID, &space));
  say_number("which is", space);
  int count = dlinfo(handle, 11 /* RTLD_DI_PHDR */, &headers), loads = 0;
  for (int n = 0; n < count; ++n) loads += headers[n].p_type == PT_LOAD;
  claim("program headers", loads > 0 && loads < count);
  dlerror();
  claim("nothing else", dlinfo(handle, 999, &space) == -1 && dlerror() != 0);
  return 0;
}
