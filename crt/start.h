// What every start object does first; the file start.cc shows the whole of it.
#pragma once

#include "crt/program.h"

namespace ldseal {

// Applies the relocations that nobody else has applied.
using Relocate = Status (*)(const StaticProgram& program, const Dyn* dynamic);

// Seals the program that `stack` was made for. `dynamic`: see describe_program. Writes one line and
// ends the process with status 127 where the program cannot start.
StaticProgram seal_static_program(const ProcessStack& stack, const Dyn* dynamic, Relocate relocate);

// Relocates and seals a program from the kernel's entry on. start_pie.cc or start_fixed.cc has it.
StaticProgram start_program(uintptr_t* stack_pointer);

}  // namespace ldseal
