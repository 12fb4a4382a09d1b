// The names that the stand-in must define so that libc binds to them: names that libc may refer to
// and that an object before it in the scope defines; objects that the program copies out of libc;
// and ld-seal's dl functions, for the objects that libc loads later by itself.
#pragma once

#include <optional>
#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/graph.h"
#include "ldso/libc/stand_in.h"
#include "ldso/link/scope.h"

namespace ldseal {

// Hides exports of ld-seal that this libc lacks, so that a weak reference or a dlsym probe gets the
// answer that it gets under libc's rtld. For a libc that ld-seal has mapped (musl). Replaces the
// symbol table of `self` by a copy in `permanent`.
void hide_what_libc_lacks(Module& self, const Module& libc, Arena& permanent);

// Can any definition take precedence over one of libc? If no object before libc defines a name and
// the program has no COPY relocation, libc's references need not be searched. `libc` is null if
// libc's names are not read yet.
bool may_interpose(const Graph& graph, const Module* libc);

// All symbols that the stand-in must define. `libc` describes libc's file or libc in memory. Names
// point into the modules' string tables.
std::span<const StandInSymbol> interposed_symbols(const Graph& graph, const Module& libc,
                                                  Module& self, WeakDefinitions weak,
                                                  Arena& scratch);

// The same without a look at libc's names, where they need not be read: the objects before libc
// define few names, and the program says of all that it copies that it is libc's. Every name that
// they define is among them, whether libc refers to it or not. No value: libc's names must be read.
std::optional<std::span<const StandInSymbol>> symbols_without_libcs_names(const Graph& graph,
                                                                          Module& self,
                                                                          WeakDefinitions weak,
                                                                          Arena& scratch);

// Only the functions of ld-seal: for a program in which may_interpose() is false.
std::span<const StandInSymbol> own_symbols(Module& self, Arena& scratch);

}  // namespace ldseal
