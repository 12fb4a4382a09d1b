// The steps by which a static program seals itself. Each start object (glibc.cc, musl.cc, none.cc)
// runs them in the order that its libc allows. An error ends the process with one line and status
// 127.
#pragma once

#include "crt/program.h"

namespace ldseal {

// Decides what will be sealed, and makes RELRO anonymous if it will be. Needs no relocation, and is
// cheaper before it.
void prepare(StaticProgram& program);

// Applies every relocation. IFUNC resolvers run last. They can use neither thread-local storage nor
// a stack protector, because libc is not up yet.
void relocate(const StaticProgram& program);

// Makes RELRO read-only, and seals.
void seal(const StaticProgram& program);

// All steps in order, from the kernel's entry on.
void start(StaticProgram& program, uintptr_t* stack_pointer);

}  // namespace ldseal
