// What becomes of an object's dynamic section in memory once everything in it has been read.
#pragma once

#include "ldso/image/module.h"

namespace ldseal {

// Is it in memory that can be written before RELRO is protected?
bool is_dynamic_writable(const Module& module);

// Adds the load bias to the entries that glibc's rtld leaves absolute in memory: programs look up
// their own string table through `_DYNAMIC` or link_map's l_ld. Nothing is done where the section
// cannot be written. Addresses must not be read from `dynamic.entries` afterwards: they are in
// `dynamic`.
void make_dynamic_absolute(const Module& module);

}  // namespace ldseal
