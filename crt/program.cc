// See program.h.
#include "crt/program.h"

#include "crt/environment.h"
#include "ldso/sys/secure_execution.h"

extern "C" const Elf64_Ehdr __ehdr_start;  // the image's first byte; the linker defines it

namespace ldseal {
namespace {

// The ELF header lies in the segment that begins at offset 0 of the file.
LoadBias bias_from(ProgramHeaders headers) {
  for (const Phdr& ph : headers) {
    if (ph.p_type == PT_LOAD && ph.p_offset == 0) {
      return bias_between(Address(&__ehdr_start), Vaddr(ph.p_vaddr));
    }
  }
  return LoadBias(0);
}

const char* name_of(const ProcessStack& stack) {
  if (stack.arguments[0] != nullptr) return stack.arguments[0];
  const char* file = Address(stack.value(AT_EXECFN)).as<const char>();
  return file == nullptr ? "program" : file;
}

// A program with a loader is refused: the loader has relocated it, and may have sealed it.
Error has_loader(const StaticProgram& program) {
  Error e = fault(Fault::kHasLoader);
  e.object = program.name;
  return e;
}

Status describe_from_stack(StaticProgram& program) {
  const ProcessStack& stack = program.stack;
  program.page = PageSize{stack.value(AT_PAGESZ)};
  program.name = name_of(stack);
  const auto* headers = Address(stack.value(AT_PHDR)).as<const Phdr>();
  if (headers == nullptr || stack.value(AT_PHENT) != sizeof(Phdr)) return fault(Fault::kBadStack);
  program.segments = describe_segments({headers, stack.value(AT_PHNUM)}, program.page);
  if (program.segments.interpreter != nullptr) return has_loader(program);
  program.bias = bias_from(program.segments.headers);
  if (!stack.is_secure()) program.options = options_of_environment(stack);
  return {};
}

}  // namespace

Status describe(StaticProgram& program, uintptr_t* stack_pointer) {
  program.stack = read_process_stack(stack_pointer);
  if (program.stack.is_secure()) {
    program.stack.remove_variables(is_unsecure_variable);
    if (Status s = open_standard_descriptors(); !s) return s;
  }
  return describe_from_stack(program);
}

Status describe_running(StaticProgram& program, uintptr_t* stack_pointer) {
  program.stack = read_used_process_stack(stack_pointer);
  if (program.stack.is_secure()) program.stack.forget_variables(is_unsecure_variable);
  return describe_from_stack(program);
}

}  // namespace ldseal
