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

StaticProgram start_program(uintptr_t* stack_pointer) {
  return seal_static_program(stack_of_new_process(stack_pointer), _DYNAMIC, relocate_all);
}

}  // namespace ldseal
