// LDSEAL_DEBUG=seal in a program that seals itself: the same lines as ld-seal's.
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Turns the trace on if `words` contains "seal" or "all". Ignores other words. `words` may be null.
void add_seal_trace(const char* words);

// Call once all words are known. `output` is LD_DEBUG_OUTPUT, or null. Error: kCannotOpen.
Status start_seal_trace(const char* output);

}  // namespace ldseal
