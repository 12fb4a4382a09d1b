// libc calls its rtld by code pointers in an object that rtld exports, _rtld_global_ro. rtld makes
// it read-only when it has started. Before that, each of these pointers is led through a
// trampoline (arch/<m>/trampolines.S), whose target is a final variable of ld-seal. So a target can
// be exchanged without a change of what is mapped: each such change costs as much as several page
// faults.
#pragma once

#include <span>

#include "ldso/image/module.h"

namespace ldseal {

// Returns the function that leads the pointers of `rtld` through the trampolines. The stand-in
// makes rtld call it, as the resolver of an IFUNC, while it relocates the stand-in: rtld is
// relocated then, and its RELRO is not yet read-only.
Address trampolines_for(const Module& rtld);

// Where the trampolines that are in use go to: rtld's own functions at first. Empty if rtld has not
// called that function, has no such pointers, or has made them read-only before.
std::span<uint64_t> trampoline_targets_in_use();

}  // namespace ldseal
