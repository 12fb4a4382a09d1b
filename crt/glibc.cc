// The start object for glibc, whose own start code relocates a static program and protects its
// RELRO. A function in DT_PREINIT_ARRAY (gABI) seals the program before every constructor.
//
// If arch/<m>/crt_glibc.S is the program's entry, RELRO becomes anonymous before glibc writes to
// it. Otherwise that happens afterwards, which copies every page.
#include <optional>

#include "crt/steps.h"
#include "ldso/words/report.h"

extern "C" void ldseal_prepare(uintptr_t* stack_pointer);

namespace ldseal {
namespace {

constinit std::optional<StaticProgram> prepared;

// glibc passes the arguments where the kernel left them: argc is directly before them.
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

// Called before glibc's start code.
void ldseal_prepare(uintptr_t* stack_pointer) {
  using namespace ldseal;
  must(describe(prepared.emplace(), stack_pointer));
  prepare(*prepared);
}
