// The start of a static program without a libc's part in it, up to its own first code.
#include "crt/steps.h"
#include "ldso/words/report.h"

namespace ldseal {

void start(StaticProgram& program, uintptr_t* stack_pointer) {
  must(describe(program, stack_pointer));
  prepare(program);
  relocate(program);
  seal(program);
}

}  // namespace ldseal
