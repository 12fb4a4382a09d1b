// Calls a function of an object that is opened after it, also while it ends.
#include "observe.h"

int alive(void);

int use(void) { return alive(); }

__attribute__((destructor)) static void end(void) {
  say_number("user ends, provider is alive", alive());
}
