// The life of a static program up to its first own code, where no libc has a part in it.
#include "crt/steps.h"

namespace ldseal {

void start(StaticProgram& program, uintptr_t* stack_pointer) {
  must(describe(program, stack_pointer));
  prepare(program);
  relocate(program);
  seal(program);
}

}  // namespace ldseal
