// musl's exit(3) follows musl's own list of the objects that have destructors, which lies in memory
// that anyone may write (the "House of Banana"). ld-seal runs all destructors by itself, so that
// list stays empty: the stand-in has no destructors, and musl is not shown those of libc.
#pragma once

#include "ldso/abi/link.h"
#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

// Lets `libc` in musl's list of objects have a dynamic section without DT_FINI and DT_FINI_ARRAY.
// musl looks there once, when it runs libc's constructors. False: libc is not in the list.
bool hide_destructors_of_libc(const Module& libc, const Rendezvous* list, Arena& permanent);

// Lets it have its own dynamic section again, for debuggers. Call from a constructor of the
// stand-in: those of libc, which the stand-in needs, have run before.
void show_destructors_of_libc();

}  // namespace ldseal
