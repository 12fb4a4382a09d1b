// For glibc, whose own start code relocates a static program and protects its RELRO. It is sealed by
// the first of the functions that run before every constructor (gABI, DT_PREINIT_ARRAY).
//
// RELRO becomes memory without a file before glibc writes to it, if arch/<m>/crt_glibc.S is the
// program's entry. Otherwise that is made up for, at the price of a copy of every page.
#include <optional>

#include "crt/steps.h"

extern "C" void ldseal_prepare(uintptr_t* stack_pointer);

namespace ldseal {
namespace {

constinit std::optional<StaticProgram> prepared;

// glibc gives the arguments as the kernel left them: the word argc is directly before.
void seal_before_constructors(int, char** arguments, char**) {
  if (!prepared) {
    must(describe_running(prepared.emplace(), reinterpret_cast<uintptr_t*>(arguments) - 1));
    prepare(*prepared);
  }
  seal(*prepared);
}

[[gnu::section(".preinit_array"),
  gnu::used]] void (*before_constructors)(int, char**, char**) = seal_before_constructors;

}  // namespace
}  // namespace ldseal

// Called before glibc, which knows nothing of the process yet.
void ldseal_prepare(uintptr_t* stack_pointer) {
  using namespace ldseal;
  must(describe(prepared.emplace(), stack_pointer));
  prepare(*prepared);
}
