// Which dlopened objects leave the process: an object stays as long as it has a handle, must stay
// for good, has destructors of thread-local objects pending, or is needed or referred to by one
// that stays.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

// Those of `opened` that leave, in their order. Every object has its number (number_objects), below
// `object_count`.
List<Module*> unload_set(std::span<Module* const> opened, size_t object_count, Arena& scratch);

}  // namespace ldseal
