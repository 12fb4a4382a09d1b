// Has libcopied's variable by a COPY relocation, and tells whether the library means the same
// one.
#include "observe.h"

extern int copied[4];
int* copied_by_library(void);

int main(void) {
  say(copied_by_library() == copied && copied[3] == 4 ? "one" : "two");
  return 0;
}
