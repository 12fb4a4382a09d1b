// The destructors at the end of the process (DT_FINI_ARRAY, DT_FINI).
#pragma once

#include "ldso/process/process.h"

namespace ldseal {

// Runs the destructors of the program, of dlopened objects, and of the libraries in the reverse
// order of construction. Under musl the dlopened objects' run before the program's.
void run_destructors(const Process& process);

// Runs the destructors of dlopened objects, in the reverse order of construction, with dl_lock
// held. From then on dlclose(3) unloads nothing.
void run_opened_destructors();

}  // namespace ldseal
