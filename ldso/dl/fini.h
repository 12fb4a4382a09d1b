// The destructors at the end of the process (DT_FINI_ARRAY, DT_FINI).
#pragma once

#include "ldso/process/process.h"

namespace ldseal {

// The program's, those of what is still open, then the libraries' in the reverse order of
// construction.
void run_destructors(const Process& process);

// Its middle part: the last that was constructed first. Nothing is unloaded from then on.
void run_opened_destructors();

}  // namespace ldseal
