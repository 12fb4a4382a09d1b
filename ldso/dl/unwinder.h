// glibc unwinds threads that exit or are cancelled with a libgcc_s of its own, which its own rtld
// loads; the objects' personality routines then work on that one's frames with the libgcc_s that we
// have loaded.
#pragma once

#include "ldso/image/module.h"

namespace ldseal {

// Has `module`, if it is libgcc_s, and once it is constructed, fill in what only a walk of its own
// would.
void make_unwinder_ready(const Module& module);

}  // namespace ldseal
