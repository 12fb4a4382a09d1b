// dlerror has an error once, and none without one.

#include "opens.h"

int main(void) {
  claim("none at the start", dlerror() == 0);
  dlopen("libmissing.so", RTLD_NOW);
  const char* text = dlerror();
  claim("one after a failure", text && strstr(text, "libmissing.so"));
  claim("none when it was read", dlerror() == 0);
  claim("unknown symbol", dlsym(RTLD_DEFAULT, "no_such_symbol") == 0);
  text = dlerror();
  claim("it is named", text && strstr(text, "no_such_symbol"));
  claim("none when it was read", dlerror() == 0);
  return 0;
}
