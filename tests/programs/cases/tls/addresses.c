// Initial TLS contents that are addresses are relocated.

#include "observe.h"

int shared_number = 8;
static __thread int* in_program = &shared_number;
int** own_in_library(void);
int** other_in_library(void);
extern int library_number;

int main(void) {
  claim("program", OPAQUE(in_program) == &shared_number);
  claim("library, itself", *own_in_library() == &library_number);
  claim("library, program", *other_in_library() == &shared_number);
  return 0;
}
