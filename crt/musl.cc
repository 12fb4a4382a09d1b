// The start object for a libc that starts a program from __libc_start_main and leaves relocation to
// the start object. arch/<m>/crt.S calls this and then goes on to libc.
#include "crt/steps.h"

extern "C" void ldseal_start(uintptr_t* stack_pointer);

void ldseal_start(uintptr_t* stack_pointer) {
  ldseal::StaticProgram program;
  ldseal::start(program, stack_pointer);
}
