// The output of traces, in glibc's form "PID:\ttext".
#pragma once

#include "ldso/base/result.h"
#include "ldso/base/text.h"

namespace ldseal {

inline constexpr size_t kLongestTraceLine = size_t{16} << 10;

// Sends lines to the file OUTPUT.PID; to standard error if `output` is null. Error: kCannotOpen.
Status open_trace(const char* output);

// Write the text of a line between these two calls.
TextWriter& begin_trace_line(TextWriter& out);
void end_trace_line(TextWriter& out);
// The same for a line that glibc's rtld writes, too (held_output.h).
void end_line_of_both(TextWriter& out);

}  // namespace ldseal
