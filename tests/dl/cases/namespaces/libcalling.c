// Opens by its own run path, and when it is constructed if WHEN_CONSTRUCTED is defined.

#include "spaces.h"

void* open_by_run_path(void) { return dlmopen(LM_ID_NEWLM, "libcounter.so", RTLD_NOW); }

#ifdef WHEN_CONSTRUCTED
static void* handle;

__attribute__((constructor)) static void begin(void) {
  handle = opened_apart("libcounter.so");
  say_number("constructor counts", answer(handle, "count_on"));
}

__attribute__((destructor)) static void end(void) { say("calling ends"); }

int count_for_program(void) { return answer(handle, "count_on"); }
#endif
