// Every pointer in the tables of a program and of its library is right.

#include "tables.h"

int wrong_in_library(void);

int main(void) {
  claim("every pointer of the program is right", wrong() == 0);
  claim("every pointer of the library is right", wrong_in_library() == 0);
  return 0;
}
