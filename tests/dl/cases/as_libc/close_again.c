// Closing once more than was opened.

#include "opens.h"

int main(void) {
  void* kept = opened("libone.so", RTLD_NOW | RTLD_NODELETE);
  for (int n = 0; n < 3; ++n) say_number("kept for good", dlclose(kept));
#ifdef LIBC_MUSL
  void* other = opened("libtwo.so", RTLD_NOW);
  for (int n = 0; n < 3; ++n) say_number("any object", dlclose(other));
  opened("libother.so", RTLD_NOW);
  say_number("by DT_SONAME", dlopen("libsoname.so", RTLD_NOW | RTLD_NOLOAD) != 0);
  say_number("unwilling", dlopen("libunwilling.so", RTLD_NOW) != 0);
#endif
  return 0;
}
