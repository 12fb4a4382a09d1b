// For a position-independent program. Its _DYNAMIC is found relative to the code.
#include "crt/relocate.h"
#include "crt/start.h"

extern "C" const Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));

namespace ldseal {
namespace {

// Hidden, as its address is taken: there is no GOT yet.
[[gnu::visibility("hidden")]] Status relocate_all(const StaticProgram& program,
                                                  const Dyn* dynamic) {
  return relocate(program, dynamic);
}

}  // namespace

void start_program(StaticProgram& program, uintptr_t* stack_pointer) {
  program.stack = stack_of_new_process(stack_pointer);
  seal_static_program(program, _DYNAMIC, relocate_all);
}

}  // namespace ldseal
