// An object that says when it is constructed and destroyed, and does then what STEPS says. OBJECT is its name.
// USE1 and USE2 are names of objects whose function its constructor calls, if it is there when the object is opened.
#include "steps.h"

#define READY(name) READY_(name)
#define READY_(name) ready_##name
#define TEXT(name) TEXT_(name)
#define TEXT_(name) #name

#define HELLO(name) HELLO_(name)
#define HELLO_(name) hello_##name

int READY(OBJECT);

void HELLO(OBJECT)(void) {}
#ifdef USE1
__attribute__((weak)) void HELLO(USE1)(void);
#endif
#ifdef USE2
__attribute__((weak)) void HELLO(USE2)(void);
#endif

__attribute__((constructor)) static void begin(void) {
  say(TEXT(OBJECT), "begins", "");
#ifdef USE1
  if (HELLO(USE1)) HELLO(USE1)();
#endif
#ifdef USE2
  if (HELLO(USE2)) HELLO(USE2)();
#endif
  do_steps(TEXT(OBJECT), '+');
  READY(OBJECT) = 1;
}

__attribute__((destructor)) static void end(void) {
  READY(OBJECT) = 0;
  do_steps(TEXT(OBJECT), '-');
  say(TEXT(OBJECT), "ends", "");
}
