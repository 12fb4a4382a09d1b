// The lines of LD_DEBUG=threads.
#pragma once

#include "ldso/base/text.h"
#include "ldso/base/trace.h"

namespace ldseal {

// `line` is a kGuardMaker or a kStackGuard.
void write_thread_line(TextWriter& out, const TraceLine& line);

}  // namespace ldseal
