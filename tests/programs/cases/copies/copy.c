// Copies of a library's variables: the program, the library and the loader agree which is the one.

#include "observe.h"

extern int number, big[1000];
extern const char* text;
extern const int constant;
int *number_in_library(void), *big_in_library(void), in_number(void);
const int* constant_in_library(void);

int main(void) {
  say_number("number", number);
  say_text("text", text);
  say_number("last of the big", big[999]);
  say_number("constant", constant);
  claim("one number", number_in_library() == &number);
  claim("one array", big_in_library() == big);
  claim("one constant", constant_in_library() == &constant);
  number = 6;
  say_number("as the library sees it", in_number());
  return 0;
}
