// Opens the objects of its command line and asks each who it is. "chdir=FOLDER" changes the folder
// before the next one, and "NAME=VALUE" the environment. With REPLACES the second object's file then
// takes the place of the first, which is opened again.

#define _GNU_SOURCE
#include <errno.h>

#include "opens.h"

int main(int argc, char** argv) {
  for (int n = 1; n < argc; ++n) {
    char* equals = strchr(argv[n], '=');
    if (equals) {
      *equals = 0;
      if (strcmp(argv[n], "chdir") == 0 ? chdir(equals + 1) : setenv(argv[n], equals + 1, 1))
        return errno;
      continue;
    }
    void* handle = dlopen(argv[n], RTLD_NOW);
    if (handle)
      say(((const char* (*)(void))found(handle, "who"))());
    else
      claim("refused with a reason", dlerror() != 0);
  }
#ifdef REPLACES
  void* before = opened(argv[1], RTLD_NOW);
  if (rename(argv[2], argv[1])) return errno;
  say(opened(argv[1], RTLD_NOW) == before ? "the same" : "another");
#endif
  return 0;
}
