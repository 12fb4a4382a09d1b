// A protected variable and function have one address everywhere.

#include "observe.h"

extern int number;
void function(void);
int* number_in_library(void);
void (*function_in_library(void))(void);

int main(void) {
  claim("variable", &number == number_in_library());
  claim("function", OPAQUE(&function) == function_in_library());
  say_number("value", number);
  return 0;
}
