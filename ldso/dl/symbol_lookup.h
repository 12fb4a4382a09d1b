// Looks names up while the process runs. dl_lock is held, except for find_in_start_up_scope(): the
// scope of start-up does not change. A definition without a module means that nothing defines the
// name.
#pragma once

#include "ldso/base/error.h"
#include "ldso/link/scope.h"

namespace ldseal {

// The address of a definition, for the calling thread if it is thread-local. Runs the resolver of
// an IFUNC.
void* address_of(const Module& module, const Sym& symbol);

Definition find_in_start_up_scope(const SymbolQuery& query);

// Searches the dlopened objects in the global scope (RTLD_GLOBAL).
Definition find_in_later_globals(const SymbolQuery& query);
// Searches an object and all that it needs.
Definition find_in_search_list(Module& root, const SymbolQuery& query);
// What a reference of `module` binds to now, if the start-up scope does not define the name.
Definition find_behind_start_up(const Module& module, const SymbolQuery& query);
// What a reference of `module` binds to now.
Definition find_as_bound(const Module& module, const SymbolQuery& query);
// Searches the objects after `module` in the order in which its references are looked up
// (RTLD_NEXT).
Definition find_next(const Module& module, const SymbolQuery& query);

// `found` was given to `caller`, which does not need it by name, and is to stay as long as that
// does.
void keep_for(Module& caller, Module& found);

Error undefined_symbol(const Module& module, const SymbolQuery& query);

}  // namespace ldseal
