// What dlerror says of a handle that was closed.

#include "opens.h"

int main(int argc, char** argv) {
  char wanted[100];
  void* handle = opened(argv[1], RTLD_NOW);
  closed(handle);
  snprintf(wanted, sizeof wanted, "%p: is not the handle of an open object", handle);
  claim("a symbol", dlsym(handle, "who") == 0 && strcmp(dlerror(), wanted) == 0);
  claim("a close", dlclose(handle) != 0 && strcmp(dlerror(), wanted) == 0);
  return 0;
}
