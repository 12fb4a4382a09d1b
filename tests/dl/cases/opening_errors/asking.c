// Does what the words of its command line ask for: each must fail, and the error's text is a line.

#include "opens.h"

static void *handle, *version;

static int failed(const char* what, const char* name) {
  if (strcmp(what, "now") == 0) return dlopen(name, RTLD_NOW) == 0;
  if (strcmp(what, "loaded") == 0) return dlopen(name, RTLD_NOW | RTLD_NOLOAD) == 0;
  if (strcmp(what, "mode") == 0) return dlopen(name, RTLD_GLOBAL) == 0;
  if (strcmp(what, "symbol") == 0) return dlsym(handle, name) == 0;
  if (strcmp(what, "default") == 0) return dlsym(RTLD_DEFAULT, name) == 0;
  if (strcmp(what, "next") == 0) return dlsym(RTLD_NEXT, name) == 0;
#ifdef LIBC_GLIBC
  if (strcmp(what, "version") == 0) return dlvsym(handle, "who", name) == 0;
  if (strcmp(what, "request") == 0) return dlinfo(handle, atoi(name), &version) == -1;
#endif
  if (strcmp(what, "bad symbol") == 0) return dlsym((void*)0x1230, name) == 0;
  if (strcmp(what, "bad close") == 0) return dlclose((void*)0x1230) != 0;
  if (strcmp(what, "bad info") == 0) return dlinfo((void*)0x1230, RTLD_DI_LINKMAP, &version) != 0;
  give_up("no question", what);
}

int main(int argc, char** argv) {
  for (int n = 1; n + 1 < argc; n += 2) {
    if (strcmp(argv[n], "open") == 0) {
      handle = opened(argv[n + 1], RTLD_NOW);
      continue;
    }
    if (!failed(argv[n], argv[n + 1])) give_up("did not fail", argv[n]);
    say(dlerror());
  }
  return 0;
}
