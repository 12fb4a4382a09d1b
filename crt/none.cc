// The start object for a program without libc: its first thread, constructors, main, exit.
// arch/<m>/crt.S calls it.
#include "arch/native.h"
#include "crt/steps.h"
#include "ldso/libc/first_thread.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/report.h"

extern "C" {
int main(int count, char** arguments, char** environment);

using Constructor = void (*)(int count, char** arguments, char** environment);
extern const Constructor __init_array_start[] __attribute__((weak));
extern const Constructor __init_array_end[] __attribute__((weak));

[[noreturn]] void ldseal_start(uintptr_t* stack_pointer);
}

namespace ldseal {
namespace {

// Sets up thread-local storage, and what the ABI of the machine wants at the thread pointer.
Status make_thread(const StaticProgram& program) {
  TlsBlock own;
  TlsLayout layout;
  if (program.segments.tls != nullptr) {
    own = tls_block_of(*program.segments.tls);
    layout = lay_out_alone(own, Native::kTlsVariant, Native::kThreadHeader);
  }
  Result<Address> block = make_first_thread(layout, program.stack, program.page);
  if (!block) return block.error();
  if (own.image_size.value != 0) copy_tls_image(own, program.bias, layout, *block);
  return {};
}

}  // namespace
}  // namespace ldseal

void ldseal_start(uintptr_t* stack_pointer) {
  ldseal::StaticProgram program;
  ldseal::start(program, stack_pointer);
  ldseal::must(ldseal::make_thread(program));
  const ldseal::ProcessStack& stack = program.stack;
  auto count = static_cast<int>(stack.argument_count());
  for (const Constructor* run = __init_array_start; run < __init_array_end; ++run) {
    (*run)(count, stack.arguments, stack.environment);
  }
  ldseal::kernel::exit(main(count, stack.arguments, stack.environment));
}
