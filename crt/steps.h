// The steps by which a static program seals itself; each start object (glibc.cc, musl.cc, none.cc) puts
// them in the order that its libc allows. What fails ends the process with one line and status 127.
#pragma once

#include "crt/program.h"

namespace ldseal {

// Decides what will be sealed; makes RELRO memory without a file, if it will be. No relocation is
// needed yet; if the program is relocated afterwards, that comes cheaper.
void prepare(StaticProgram& program);

// Applies every relocation. IFUNC resolvers run last; they can use neither thread-local storage nor a
// stack protector: no libc is up yet.
void relocate(const StaticProgram& program);

// Makes what relocation wrote read-only, and seals.
void seal(const StaticProgram& program);

// All of them, from the kernel's entry on.
void start(StaticProgram& program, uintptr_t* stack_pointer);

void must(const Status& status);

}  // namespace ldseal
