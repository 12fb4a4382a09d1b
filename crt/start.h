// What every start object does first; the file start.cc shows the whole of it.
#pragma once

#include "crt/program.h"

namespace ldseal {

// Applies the relocations that nobody else has applied.
using Relocate = Status (*)(const StaticProgram& program, const Dyn* dynamic);

// Seals the program whose stack is known, and describes it. `dynamic`: see describe(). Writes one line
// and ends the process with status 127 where the program cannot start.
void seal_static_program(StaticProgram& program, const Dyn* dynamic, Relocate relocate);

// Relocates and seals a program that nobody has looked at yet. start_pie.cc or start_fixed.cc has it.
void start_program(StaticProgram& program, uintptr_t* stack_pointer);

}  // namespace ldseal
