// For a program that is linked to fixed addresses: it has at most IRELATIVE relocations, and the linker
// says where.
#include "crt/relocate.h"
#include "crt/start.h"

extern "C" {
extern const Elf64_Rela __rela_iplt_start[] __attribute__((weak));
extern const Elf64_Rela __rela_iplt_end[] __attribute__((weak));
}

namespace ldseal {
namespace {

Status relocate_fixed(const StaticProgram& program, const Dyn*) {
  apply_indirect(program, {__rela_iplt_start, __rela_iplt_end});
  return {};
}

}  // namespace

void start_program(StaticProgram& program, uintptr_t* stack_pointer) {
  program.stack = stack_of_new_process(stack_pointer);
  seal_static_program(program, nullptr, relocate_fixed);
}

}  // namespace ldseal
