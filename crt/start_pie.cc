// For a position-independent program. Its _DYNAMIC is found relative to the code.
#include "crt/relocate.h"
#include "crt/start.h"

extern "C" const Elf64_Dyn _DYNAMIC[];

namespace ldseal {

void start_program(StaticProgram& program, uintptr_t* stack_pointer) {
  program.stack = stack_of_new_process(stack_pointer);
  seal_static_program(program, _DYNAMIC, relocate);
}

}  // namespace ldseal
