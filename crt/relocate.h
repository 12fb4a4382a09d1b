// Relocation of a program that nobody else relocates.
#pragma once

#include <span>

#include "crt/program.h"

namespace ldseal {

using Relocations = std::span<const Rela>;

// Every relocation of `dynamic`. IFUNC resolvers run last; they can use neither thread-local storage
// nor a stack protector: no libc is up yet.
Status relocate(const StaticProgram& program, const Dyn* dynamic);

// Those of `list` that need an IFUNC resolver to run.
void apply_indirect(const StaticProgram& program, Relocations list);

}  // namespace ldseal
