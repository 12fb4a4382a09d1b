// What the kernel puts on the initial stack (psABI, "Process Initialization"): argc, argv,
// environment, auxiliary vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ldso/elf/types.h"

namespace ldseal {

using AuxiliaryEntry = Elf64_auxv_t;

struct ProcessStack {
  uintptr_t* start = nullptr;  // the initial stack pointer: the address of argc
  char** arguments = nullptr;  // argc pointers and a null
  char** environment = nullptr;
  AuxiliaryEntry* auxiliary = nullptr;
  size_t auxiliary_count = 0;  // counts AT_NULL too

  size_t argument_count() const { return start[0]; }
  // Returns the entry of this type; null if the kernel gave none.
  AuxiliaryEntry* find(uint64_t type) const;
  uint64_t value(uint64_t type, uint64_t otherwise = 0) const;
  // Changes the value of the entry of this type, if there is one.
  void set(uint64_t type, uint64_t value) const;
  // Does the program run with more privilege than its caller has (AT_SECURE, getauxval(3))?
  bool is_secure() const { return value(AT_SECURE) != 0; }
  // Returns the value of the first environment variable with this name; null if there is none.
  char* variable(std::string_view name) const;
  // Removes every entry of the environment that `is_unwanted` accepts. An entry is NAME=value, or
  // any other text from the caller of execve(2). The auxiliary vector moves down with the end of
  // the environment.
  void remove_variables(bool (*is_unwanted)(const char* entry));
  // Puts a removed entry back, as the last one. The auxiliary vector moves up again.
  void put_back_variable(char* entry);
  // Does the same as remove_variables, but the auxiliary vector stays in place: for a libc that
  // already has its address.
  void forget_variables(bool (*is_unwanted)(const char* entry));
  // Removes the first `count` arguments. Everything behind them moves down, so the stack pointer
  // does not change.
  void drop_arguments(size_t count);
  // The reverse: puts these arguments in the place of the first one. The block may grow downwards;
  // its end comes to lie where it was before `dropped` arguments were removed, or a word lower,
  // because the start of the block is a multiple of 16.
  void restore_arguments(std::span<const char* const> first, size_t dropped);
};

ProcessStack read_process_stack(uintptr_t* stack_pointer);
// Reads the stack after libc has run and may have removed variables: the environment may then end
// in more than one null. There must be an auxiliary vector.
ProcessStack read_used_process_stack(uintptr_t* stack_pointer);

}  // namespace ldseal
