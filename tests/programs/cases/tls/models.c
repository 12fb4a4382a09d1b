// TLS is found in both directions: the library's by the program and the program's by the library.

#include "observe.h"

static __thread int own = 11;
__thread int exported = 12;
extern __thread int from_library;
int* address_in_library(void);
int static_in_library(int);
int program_variable_in_library(void);

int main(void) {
  say_number("own", own);
  say_number("from the library", from_library);
  claim("both see one variable", &from_library == address_in_library());
  from_library = 77;
  say_number("as the library sees it", *address_in_library());
  say_number("static in the library", static_in_library(5));
  say_number("static in the library, again", static_in_library(0));
  exported = 13;
  say_number("the program's, in the library", program_variable_in_library());
  return 0;
}
