// An open runs only the constructors of what it adds, a close only the destructors of what it
// removes.

#include "opens.h"

int main(void) {
  void* bottom = opened("libbottom.so", RTLD_NOW);
  say("bottom is open");
  void* top = opened("libtop.so", RTLD_NOW);
  say("top is open");
  closed(top);
  say("top is closed");
  closed(bottom);
  say("bottom is closed");
  return 0;
}
