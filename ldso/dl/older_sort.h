// The order that objects had before glibc 2.35. Its tunable glibc.rtld.dynamic_sort=1 asks for it.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

// Does the order follow what dlopened objects were bound to at run time, too?
enum class Bindings : bool { kIgnored, kHeeded };

// Moves each object behind the last one that needs it, or is bound to it. In a cycle none is moved
// more often than there are objects. Takes time in proportion to the square of their number.
void sort_as_before_2_35(std::span<Module*> objects, Bindings bindings, Arena& scratch);

}  // namespace ldseal
