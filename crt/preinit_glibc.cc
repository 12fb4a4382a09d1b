// For glibc, whose own start code relocates and protects a static program: the first of the functions
// that run before every constructor (gABI, DT_PREINIT_ARRAY). glibc is up by then.
#include "crt/start.h"

extern "C" {
extern const Elf64_Dyn _DYNAMIC[] __attribute__((weak));
}

namespace ldseal {
namespace {

Status relocated_already(const StaticProgram&, const Dyn*) { return {}; }

// glibc gives the arguments as the kernel left them: the word argc is directly before.
void seal_before_constructors(int, char** arguments, char**) {
  StaticProgram program;
  program.stack = stack_of_used_process(reinterpret_cast<uintptr_t*>(arguments) - 1);
  seal_static_program(program, _DYNAMIC, relocated_already);
}

[[gnu::section(".preinit_array"),
  gnu::used]] void (*before_constructors)(int, char**, char**) = seal_before_constructors;

}  // namespace
}  // namespace ldseal
