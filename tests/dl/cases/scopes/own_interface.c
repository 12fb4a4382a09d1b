// dlsym finds the functions of this very interface.

#include "opens.h"

int main(void) {
  claim("dlopen", dlsym(RTLD_DEFAULT, "dlopen") == (void*)dlopen);
  claim("dlsym", dlsym(RTLD_DEFAULT, "dlsym") == (void*)dlsym);
  claim("dlclose", dlsym(opened(0, RTLD_NOW), "dlclose") == (void*)dlclose);
  claim("dl_iterate_phdr", dlsym(RTLD_DEFAULT, "dl_iterate_phdr") == (void*)dl_iterate_phdr);
  void* (*by_pointer)(const char*, int) = (void* (*)(const char*, int))found(RTLD_NEXT, "dlopen");
  claim("that dlopen opens", by_pointer("libany.so", RTLD_NOW) != 0);
  return 0;
}
