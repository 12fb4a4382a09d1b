// The order of constructors at start-up (gABI, "Initialization and Termination Functions"):
// dependencies first, cycles cut where the same libc's loader cuts them. Of what is opened later:
// opened_order.h.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"
#include "ldso/image/search.h"

namespace ldseal {

// The libraries among `modules`, in the order in which their constructors run. glibc walks the
// dependencies depth first from the last object loaded to the first; musl from the program alone,
// for which the preloads, `preload_count` objects behind it, are what it needs first.
List<Module*> constructor_order(std::span<Module* const> modules, size_t preload_count,
                                LibcRules rules, Arena& permanent, Arena& scratch);

// The same for glibc by the rule of older_sort.h.
List<Module*> older_constructor_order(std::span<Module* const> modules, Arena& permanent,
                                      Arena& scratch);

}  // namespace ldseal
