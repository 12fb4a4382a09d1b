// Looking names up while the process runs. The loader's lock is held, but for the scope of
// start-up, which does not change.
#pragma once

#include "ldso/base/error.h"
#include "ldso/link/scope.h"

namespace ldseal {

// Where a definition is for the calling thread: a function that a resolver chooses is chosen now.
void* address_of(const Module& module, const Sym& symbol);

Definition find_in_start_up_scope(const SymbolQuery& wanted);

// Among the objects that were made global since.
Definition find_in_later_globals(const SymbolQuery& wanted);
// In an object and all that it needs (RTLD_LOCAL).
Definition find_in_search_list(Module& root, const SymbolQuery& wanted);
// What a reference of `module` binds to now, if the scope of start-up does not define it.
Definition find_behind_start_up(const Module& module, const SymbolQuery& wanted);
// What a reference of `module` binds to now.
Definition find_as_bound(const Module& module, const SymbolQuery& wanted);
// What stands behind `module` where its own references are looked up (RTLD_NEXT).
Definition find_next(const Module& module, const SymbolQuery& wanted);

Error undefined_symbol(const Module& module, const SymbolQuery& wanted);

}  // namespace ldseal
