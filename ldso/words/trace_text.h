// LD_DEBUG (ld.so(8)): the topics that are on, the output, and the sentence for each event.
#pragma once

#include "ldso/base/result.h"

namespace ldseal {

// Turns on the topics in `words` (separated by commas, colons or spaces). "help" writes the list of
// words and ends the process.
void add_trace_words(const char* words);

// These topics are asked of glibc's rtld, too, if it gets the process.
void share_topics(uint32_t topics);

// Call once the words are known. Lines go to the file OUTPUT.PID; to standard error if `output` is
// null. Error: kCannotOpen.
Status start_tracing(const char* output);

}  // namespace ldseal
