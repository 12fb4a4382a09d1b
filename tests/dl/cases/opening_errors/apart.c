// Asks for another namespace, without libc and its headers.

#include "observe.h"

void* dlmopen(long space, const char* name, int mode);
const char* dlerror(void);

int main(void) {
  if (dlmopen(-1, "libany.so", 2) == 0) say(dlerror());
  return 0;
}
