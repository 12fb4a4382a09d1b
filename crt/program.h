// Describes a static program by the auxiliary vector and its own program headers. Nothing here
// needs the program to be relocated.
#pragma once

#include "ldso/base/result.h"
#include "ldso/elf/segments.h"
#include "ldso/seal/policy.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

// The variables of the environment that matter here. Null if one is unset or empty, and under
// AT_SECURE.
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

  // Returns null if there is no dynamic section: the program is linked to fixed addresses.
  const Dyn* dynamic() const {
    const Phdr* header = segments.dynamic;
    return header == nullptr ? nullptr : (Vaddr(header->p_vaddr) + bias).as<const Dyn>();
  }
};

// Describes the program before any other code has run in the process. Errors: kBadStack,
// kHasLoader, kNoStandardDescriptor.
Status describe(StaticProgram& program, uintptr_t* stack_pointer);
// The same after libc has read the stack.
Status describe_running(StaticProgram& program, uintptr_t* stack_pointer);

}  // namespace ldseal
