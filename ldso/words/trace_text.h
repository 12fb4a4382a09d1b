// LD_DEBUG (ld.so(8)): which topics are on, where the lines go, and the sentence for each event.
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Turns on the topics in `words` (separated by commas, colons or spaces). "help" writes the list of
// words and ends the process.
void add_trace_words(const char* words);

// Once the words are known. `output`: lines go to the file OUTPUT.PID instead of standard error.
Status start_tracing(const char* output);

}  // namespace ldseal
