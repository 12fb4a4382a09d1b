// A program that has no loader, described by the kernel's words and its own program headers. Nothing
// here needs it to be relocated.
#pragma once

#include "ldso/base/result.h"
#include "ldso/elf/segments.h"
#include "ldso/seal/policy.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

// What the environment asks for; null where it does not, and under AT_SECURE.
struct StaticOptions {
  const char* policy = nullptr;        // LDSEAL
  const char* debug = nullptr;         // LD_DEBUG
  const char* own_debug = nullptr;     // LDSEAL_DEBUG
  const char* debug_output = nullptr;  // LD_DEBUG_OUTPUT
  const char* recorder = nullptr;      // RUNNING_UNDER_RR
};

struct StaticProgram {
  ProcessStack stack;
  StaticOptions options;
  PageSize page;
  Segments segments;
  LoadBias bias;
  const char* name = "";
  Policy policy;

  // Null where it has none, being linked to fixed addresses.
  const Dyn* dynamic() const {
    const Phdr* header = segments.dynamic;
    return header == nullptr ? nullptr : (Vaddr(header->p_vaddr) + bias).as<const Dyn>();
  }
};

// Describes the program of a process that nobody has looked at yet.
Status describe(StaticProgram& program, uintptr_t* stack_pointer);
// The same once its libc has.
Status describe_running(StaticProgram& program, uintptr_t* stack_pointer);

}  // namespace ldseal
