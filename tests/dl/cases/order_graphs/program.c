// Does what STEPS says of "main".
#include "steps.h"

__attribute__((destructor)) static void end(void) { say("main", "ends", ""); }

int main(void) {
  say("main", "runs", "");
  do_steps("main", ':');
  return 0;
}
