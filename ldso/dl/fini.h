// The destructors at the end of the process (DT_FINI_ARRAY, DT_FINI).
#pragma once

#include "ldso/process/process.h"

namespace ldseal {

// Of every object whose constructors have run, in the order of the libc in use: musl's is that of
// construction backwards; glibc's begins with the program and ends with what was opened
// (opened_order.h). What a destructor opens is not destroyed.
void run_destructors(const Process& process);

}  // namespace ldseal
