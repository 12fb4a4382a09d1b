// Constructors run from below, destructors from above, each once.

#include "opens.h"

int main(void) {
  say("opening");
  void* handle = opened("libtop.so", RTLD_NOW);
  opened("libtop.so", RTLD_NOW);
  say("opened");
  closed(handle);
  say("closing");
  closed(handle);
  say("closed");
  return 0;
}
