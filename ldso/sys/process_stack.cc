// Reads the block that the kernel made, and changes it in place on request. Makes no system calls.
#include "ldso/sys/process_stack.h"

namespace ldseal {

namespace {

// Reads everything but the auxiliary vector. `end` is set behind the null that ends the
// environment.
ProcessStack read_arguments(uintptr_t* stack_pointer, char**& end) {
  ProcessStack stack;
  stack.start = stack_pointer;
  stack.arguments = reinterpret_cast<char**>(stack_pointer + 1);
  stack.environment = stack.arguments + stack_pointer[0] + 1;
  end = stack.environment;
  while (*end != nullptr) ++end;
  ++end;
  return stack;
}

void read_auxiliary(ProcessStack& stack, char** start) {
  stack.auxiliary = reinterpret_cast<AuxiliaryEntry*>(start);
  while (stack.auxiliary[stack.auxiliary_count].a_type != AT_NULL) ++stack.auxiliary_count;
  ++stack.auxiliary_count;
}

}  // namespace

ProcessStack read_process_stack(uintptr_t* stack_pointer) {
  char** end = nullptr;
  ProcessStack stack = read_arguments(stack_pointer, end);
  read_auxiliary(stack, end);
  return stack;
}

ProcessStack read_used_process_stack(uintptr_t* stack_pointer) {
  char** end = nullptr;
  ProcessStack stack = read_arguments(stack_pointer, end);
  while (*end == nullptr) ++end;
  read_auxiliary(stack, end);
  return stack;
}

AuxiliaryEntry* ProcessStack::find(uint64_t type) const {
  for (AuxiliaryEntry* entry = auxiliary; entry->a_type != AT_NULL; ++entry) {
    if (entry->a_type == type) return entry;
  }
  return nullptr;
}

uint64_t ProcessStack::value(uint64_t type, uint64_t otherwise) const {
  const AuxiliaryEntry* entry = find(type);
  return entry == nullptr ? otherwise : entry->a_un.a_val;
}

void ProcessStack::set(uint64_t type, uint64_t value) const {
  if (AuxiliaryEntry* entry = find(type)) entry->a_un.a_val = value;
}

namespace {

// Returns the text after "NAME=", or null if the variable has another name.
char* value_if_named(char* variable, std::string_view name) {
  for (char wanted : name) {
    if (*variable != wanted) return nullptr;
    ++variable;
  }
  return *variable == '=' ? variable + 1 : nullptr;
}

}  // namespace

char* ProcessStack::variable(std::string_view name) const {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (char* value = value_if_named(*entry, name)) return value;
  }
  return nullptr;
}

void ProcessStack::forget_variables(bool (*is_unwanted)(const char* entry)) {
  char** to = environment;
  for (char** from = environment; *from != nullptr; ++from) {
    if (!is_unwanted(*from)) *to++ = *from;
  }
  while (*to != nullptr) *to++ = nullptr;
}

void ProcessStack::remove_variables(bool (*is_unwanted)(const char* entry)) {
  forget_variables(is_unwanted);
  char** to = environment;
  while (*to != nullptr) ++to;
  // The auxiliary vector must follow the closing null directly: later readers of the stack, as
  // libc, look for it there.
  auto* moved = reinterpret_cast<uintptr_t*>(to + 1);
  const auto* words = reinterpret_cast<const uintptr_t*>(auxiliary);
  size_t count = auxiliary_count * sizeof(AuxiliaryEntry) / sizeof(uintptr_t);
  for (size_t i = 0; i < count; ++i)
    moved[i] = words[i];  // in this order, because source and destination overlap
  auxiliary = reinterpret_cast<AuxiliaryEntry*>(moved);
}

void ProcessStack::put_back_variable(char* entry) {
  auto* end_of_environment = reinterpret_cast<uintptr_t*>(auxiliary) - 1;
  const auto* end = reinterpret_cast<const uintptr_t*>(auxiliary + auxiliary_count);
  auto size = static_cast<size_t>(end - end_of_environment) * sizeof(uintptr_t);
  __builtin_memmove(end_of_environment + 1, end_of_environment, size);
  *end_of_environment = reinterpret_cast<uintptr_t>(entry);
  *this = read_process_stack(start);
}

void ProcessStack::drop_arguments(size_t count) {
  size_t removed = count < start[0] ? count : start[0];
  auto* end = reinterpret_cast<uintptr_t*>(auxiliary + auxiliary_count);
  for (uintptr_t* from = start + 1 + removed; from < end; ++from)
    from[-static_cast<ptrdiff_t>(removed)] = *from;
  uintptr_t left = start[0] - removed;
  start[0] = left;
  *this = read_process_stack(start);
}

void ProcessStack::restore_arguments(std::span<const char* const> first, size_t dropped) {
  constexpr uintptr_t kStackAlignment = 16;
  constexpr size_t kCount = 1;  // the word that counts the arguments
  const uintptr_t* kept = start + kCount + 1;
  auto* end = reinterpret_cast<uintptr_t*>(auxiliary + auxiliary_count);
  size_t kept_words = static_cast<size_t>(end - kept);
  size_t arguments_now = start[0] - 1 + first.size();
  auto lowest = reinterpret_cast<uintptr_t>(end + dropped - kept_words - first.size() - kCount);
  start = reinterpret_cast<uintptr_t*>(lowest & ~(kStackAlignment - 1));
  uintptr_t* to = start + kCount + first.size();
  __builtin_memmove(to, kept, kept_words * sizeof(uintptr_t));
  start[0] = arguments_now;
  for (size_t i = 0; i < first.size(); ++i)
    start[kCount + i] = reinterpret_cast<uintptr_t>(first[i]);
  *this = read_process_stack(start);
}

}  // namespace ldseal
