// See program.h.
#include "crt/program.h"

namespace ldseal {
namespace {

// Texts are inside the rows: nothing is relocated yet.
constexpr char kOwnVariables[][16] = {"LDSEAL", "LDSEAL_DEBUG", "LDSEAL_GUARD"};

bool is_secure(const ProcessStack& stack) { return stack.value(AT_SECURE) != 0; }

// Without PT_DYNAMIC there is nothing that could be relocated.
LoadBias bias_of(const Segments& segments, const Dyn* dynamic) {
  if (dynamic == nullptr || segments.dynamic == nullptr) return LoadBias(0);
  return bias_between(Address(dynamic), Vaddr(segments.dynamic->p_vaddr));
}

const char* name_of(const ProcessStack& stack) {
  if (stack.arguments[0] != nullptr) return stack.arguments[0];
  const char* file = Address(stack.value(AT_EXECFN)).as<const char>();
  return file == nullptr ? "program" : file;
}

// An empty value is as good as none.
const char* value_in(const ProcessStack& stack, std::string_view name) {
  const char* value = stack.variable(name);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

void read_options(StaticOptions& options, const ProcessStack& stack) {
  options.policy = value_in(stack, "LDSEAL");
  options.debug = value_in(stack, "LD_DEBUG");
  options.own_debug = value_in(stack, "LDSEAL_DEBUG");
  options.debug_output = value_in(stack, "LD_DEBUG_OUTPUT");
  options.recorder = value_in(stack, "RUNNING_UNDER_RR");
}

}  // namespace

// A program that was started with more privileges than its caller does not pass our variables on:
// what it starts with the same privileges would heed them.
ProcessStack stack_of_new_process(uintptr_t* stack_pointer) {
  ProcessStack stack = read_process_stack(stack_pointer);
  if (!is_secure(stack)) return stack;
  for (const char* name : kOwnVariables) stack.remove_variable(name);
  return stack;
}

ProcessStack stack_of_used_process(uintptr_t* stack_pointer) {
  ProcessStack stack = read_used_process_stack(stack_pointer);
  if (!is_secure(stack)) return stack;
  for (const char* name : kOwnVariables) stack.forget_variable(name);
  return stack;
}

Status describe(StaticProgram& program, const Dyn* dynamic) {
  const ProcessStack& stack = program.stack;
  program.page = PageSize{stack.value(AT_PAGESZ)};
  program.name = name_of(stack);
  if (!is_secure(stack)) read_options(program.options, stack);
  const auto* headers = Address(stack.value(AT_PHDR)).as<const Phdr>();
  if (headers == nullptr || stack.value(AT_PHENT) != sizeof(Phdr)) return fault(Fault::kBadStack);
  program.segments = describe_segments({headers, stack.value(AT_PHNUM)}, program.page);
  program.bias = bias_of(program.segments, dynamic);
  return {};
}

}  // namespace ldseal
