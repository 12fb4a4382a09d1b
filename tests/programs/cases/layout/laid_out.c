// The contents of a program and of its library are right. CLAIM_ALIGNMENT asks where the library
// begins, too.

#include "contents.h"

int library_is_right(void);
unsigned long library_start(void);

int main(void) {
  claim("the program's contents are right", is_right());
  claim("the library's contents are right", library_is_right());
#ifdef CLAIM_ALIGNMENT
  claim("the library is aligned", library_start() % 0x200000 == 0);
#endif
  return 0;
}
