// The order of constructors of what dlopen brings, and of all destructors, as the loader of the
// libc in use has it: programs that rely on an order rely on that one.
//
// Both of glibc's are a depth-first walk from the last object loaded to the first. An object that
// was opened itself leads to all that it needs, in the order that its own opening settled; any
// other one leads to what its DT_NEEDED entries name. The order of destructors follows what was
// bound at run time, too, but not against DT_NEEDED.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

enum class IsLoaded : bool { kJustNow, kBefore };

// All that `root` needs and what it is itself, in the order of construction, start-up's included.
// Every object has its number (number_objects), below `object_count`.
List<Module*> construction_order(Module& root, IsLoaded when, size_t object_count, Arena& scratch);

// `loaded`, which is in the order of loading, in the order in which glibc destroys them.
List<Module*> destruction_order(std::span<Module* const> loaded, size_t object_count,
                                Arena& scratch);

// The same where `closed`, one of `loaded`, is closed, as in glibc since 2.39: its destructors are
// the first, also in a cycle.
List<Module*> destruction_order_from(Module& closed, std::span<Module* const> loaded,
                                     size_t object_count, Arena& scratch);

// The one of `brought` that has DF_1_INITFIRST and is constructed before all others, the last of
// several, as in glibc; null where there is none.
Module* first_to_initialise(std::span<Module* const> brought);

}  // namespace ldseal
