// dlerror has the latest error, and a success forgets it.

#include "opens.h"

int main(void) {
  dlopen("libfirst_missing.so", RTLD_NOW);
  dlopen("libsecond_missing.so", RTLD_NOW);
  const char* text = dlerror();
  claim("the latest", text && strstr(text, "libsecond_missing.so"));
  dlopen("libthird_missing.so", RTLD_NOW);
  opened("libnamed.so", RTLD_NOW);
  claim("forgotten", dlerror() == 0);
  return 0;
}
