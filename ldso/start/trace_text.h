// LD_DEBUG (ld.so(8)): which topics are on, where the lines go, and the sentence for each event.
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Turns on the topics in `words` (separated by commas, colons or spaces). `output`: lines go to the
// file OUTPUT.PID instead of standard error. "help" writes the list of words and ends the process.
Status start_tracing(const char* words, const char* output);

}  // namespace ldseal
