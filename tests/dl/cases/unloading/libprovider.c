// Says whether it is alive when it is asked.

#include "observe.h"

static int is_alive = 1;

int alive(void) { return is_alive; }

__attribute__((destructor)) static void end(void) {
  is_alive = 0;
  say("provider ends");
}
