// Has its library read its own byte at the offset that the argument is, and says that it could be
// read.

#include "observe.h"

int peek(unsigned long);

int main(int argc, char** argv) {
  unsigned long offset = 0;
  for (const char* digit = argc > 1 ? argv[1] : ""; *digit; ++digit)
    offset = offset * 10 + *digit - '0';
  peek(offset);
  say("could be read");
  return 0;
}
