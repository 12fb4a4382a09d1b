// What the kernel left on the initial stack (psABI, "Process Initialization"): argc, argv,
// environment, auxv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ldso/elf/types.h"

namespace ldseal {

using AuxiliaryEntry = Elf64_auxv_t;

struct ProcessStack {
  uintptr_t* start = nullptr;  // what the stack pointer was: the word argc
  char** arguments = nullptr;  // argc pointers and a null
  char** environment = nullptr;
  AuxiliaryEntry* auxiliary = nullptr;
  size_t auxiliary_count = 0;  // AT_NULL included

  size_t argument_count() const { return start[0]; }
  // The entry of this type; null where the kernel gave none.
  AuxiliaryEntry* find(uint64_t type) const;
  uint64_t value(uint64_t type, uint64_t otherwise = 0) const;
  // Does the program run with more privilege than its caller has? (AT_SECURE: getauxval(3))
  bool is_secure() const { return value(AT_SECURE) != 0; }
  // The value of an environment variable: the first that has this name; null where there is none.
  char* variable(std::string_view name) const;
  // Takes every entry out of the environment of which `is_unwanted` says so. An entry is NAME=value, or
  // any other text that the caller of execve(2) put there.
  void remove_variables(bool (*is_unwanted)(const char* entry));
  // The same, with the auxiliary vector left where it is: for a libc that already knows its place.
  void forget_variables(bool (*is_unwanted)(const char* entry));
  // Takes the first `count` arguments away: everything moves down, so that the stack pointer stays
  // as it is.
  void drop_arguments(size_t count);
};

ProcessStack read_process_stack(uintptr_t* stack_pointer);
// The same once libc runs, which may have taken variables away: then more than one null ends the
// environment. There must be an auxiliary vector.
ProcessStack read_used_process_stack(uintptr_t* stack_pointer);

}  // namespace ldseal
