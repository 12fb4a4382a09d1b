// Which names the stand-in must define so that libc binds to them: those that libc itself refers to
// and that an object before it in the scope defines, the objects that the program copies out of
// libc, and our own dl functions, for whatever libc loads later.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/graph.h"
#include "ldso/libc/stand_in.h"

namespace ldseal {

// A program finds no function of ours that its libc has not: whoever asks whether there is one, by
// a weak reference or by dlsym, is answered as under libc's own loader. For a libc that we have
// mapped.
void hide_what_libc_lacks(Module& self, const Module& libc, Arena& permanent);

// Is there anything to find out? Without names before libc and without COPY relocations libc's
// references need not be gone through. `libc` is null as long as libc's names are not read.
bool may_interpose(const Graph& graph, const Module* libc);

// `libc` is libc as its file or its memory describes it.
std::span<const StandInSymbol> interposed_symbols(const Graph& graph, const Module& libc,
                                                  const Module& self, Arena& scratch);

// Those of our own functions alone.
std::span<const StandInSymbol> own_symbols(const Module& self, Arena& scratch);

}  // namespace ldseal
