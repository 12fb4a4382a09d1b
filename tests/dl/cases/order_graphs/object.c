// An object that says when it is constructed and destroyed, and does then what STEPS says. OBJECT is its name.
#include "steps.h"

#define READY(name) READY_(name)
#define READY_(name) ready_##name
#define TEXT(name) TEXT_(name)
#define TEXT_(name) #name

int READY(OBJECT);

__attribute__((constructor)) static void begin(void) {
  say(TEXT(OBJECT), "begins", "");
  do_steps(TEXT(OBJECT), '+');
  READY(OBJECT) = 1;
}

__attribute__((destructor)) static void end(void) {
  READY(OBJECT) = 0;
  do_steps(TEXT(OBJECT), '-');
  say(TEXT(OBJECT), "ends", "");
}
