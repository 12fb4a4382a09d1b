// Where the lines of a trace go, and what each begins with: glibc's form, "PID:\ttext".
#pragma once

#include "ldso/base/result.h"
#include "ldso/base/text.h"

namespace ldseal {

inline constexpr size_t kLongestTraceLine = size_t{16} << 10;

// `output`: lines go to the file OUTPUT.PID instead of standard error, where it is null.
Status open_trace(const char* output);

// The text of a line goes between the two.
TextWriter& begin_trace_line(TextWriter& out);
void end_trace_line(TextWriter& out);

}  // namespace ldseal
