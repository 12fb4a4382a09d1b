// A copied table has the resolver's choice.

#include "observe.h"

struct functions {
  int (*before)(void), (*chosen)(void), (*after)(void);
};
extern struct functions table;
struct functions* table_in_library(void);

int main(void) {
  claim("one table", table_in_library() == &table);
  say_number("before", table.before());
  say_number("chosen", table.chosen());
  say_number("after", table.after());
  return 0;
}
