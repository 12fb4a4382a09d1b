// Looking names up while the process runs. The loader's lock is held.
#pragma once

#include "ldso/base/error.h"
#include "ldso/link/scope.h"

namespace ldseal {

// Where a definition is for the calling thread: a function that a resolver chooses is chosen now.
void* place_of(const Module& module, const Sym& symbol);

// What a reference of `module` binds to now.
Definition find_as_bound(Module& module, const Wanted& wanted);

Error undefined_symbol(const Module& module, const Wanted& wanted);

}  // namespace ldseal
