// A program at a fixed address and a library agree on the address of a libc function.

#include <stdlib.h>
#include <string.h>

#include "observe.h"

void *address_of_free(void), *address_of_strlen(void);

int main(void) {
  claim("free", OPAQUE((void*)&free) == address_of_free());
  claim("strlen", OPAQUE((void*)&strlen) == address_of_strlen());
  say_number("length", ((size_t(*)(const char*))address_of_strlen())("four"));
  return 0;
}
