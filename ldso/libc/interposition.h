// Which names the stand-in must define so that libc binds to them: those that libc itself refers to and that an
// object before it in the scope defines, the objects that the program copies out of libc, and our own dl functions,
// for whatever libc loads later.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/graph.h"
#include "ldso/libc/stand_in.h"
#include "ldso/link/scope.h"

namespace ldseal {

std::span<const StandInSymbol> interposed_symbols(const Graph& graph, const Scope& scope, Arena& scratch);

}  // namespace ldseal
