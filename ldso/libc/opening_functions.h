// libc opens objects by itself (libgcc_s for cancellation and backtrace(3), NSS, gconv). It does so
// through three functions of its rtld, whose addresses are in an object that rtld exports to libc,
// _rtld_global_ro. Which words of it they are differs from release to release; what each is called
// with does not.
#pragma once

#include "ldso/image/module.h"

namespace ldseal {

// As libc calls them (glibc's ldsodefs.h).
using RtldOpen = LinkMap* (*)(const char* file, int mode, const void* caller, long name_space,
                              int argument_count, char** arguments, char** environment);
// The definition's object; `*symbol` is the definition, null for none.
using RtldLookUp = LinkMap* (*)(const char* name, LinkMap* asked, const Sym** symbol, void* scope,
                                const void* version, int type_class, int flags, LinkMap* skipped);
using RtldClose = void (*)(void* map);

struct OpeningFunctions {
  RtldOpen open = nullptr;
  RtldLookUp look_up = nullptr;
  RtldClose close = nullptr;
};

// Puts `ours` in the place of rtld's functions and gives those; all null, with a line in the trace,
// where libc does not show which they are: nothing is changed then. libc must be alive, and no
// other thread. Changes only variables of ld-seal (rtld_pointers.h), before they become final.
OpeningFunctions exchange_opening_functions(const Module& libc, const OpeningFunctions& ours);

}  // namespace ldseal
