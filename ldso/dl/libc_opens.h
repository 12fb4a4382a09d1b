// What libc opens by itself (libgcc_s for cancellation and backtrace(3), NSS, gconv): it is
// searched for, loaded once, listed and sealed as what the program opens.
#pragma once

#include "ldso/process/process.h"

namespace ldseal {

// From now on libc's own openings are ours, where libc shows how (libc/opening_functions.h). After
// this an object can be opened, so the start-up objects are linked and listed. Before ld-seal's
// variables become final.
void lead_libc_to_us(Process& process);

}  // namespace ldseal
