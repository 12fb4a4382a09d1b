// LDSEAL_DEBUG=seal in a program that seals itself: the loader's own lines.
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Turns the trace on if `words` have "seal" or "all" among them; other words mean nothing here. May be
// null.
void add_seal_trace(const char* words);

// Once all words are known; `output` is LD_DEBUG_OUTPUT or null.
Status start_seal_trace(const char* output);

}  // namespace ldseal
