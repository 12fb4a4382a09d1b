// glibc unwinds a thread that exits or is cancelled with a second libgcc_s, which libc's rtld
// loads. The personality routines of the program's objects then read that copy's frames with the
// libgcc_s that ld-seal has loaded, so the latter must be initialised, too.
#pragma once

#include <string_view>

#include "ldso/image/module.h"

namespace ldseal {

constexpr std::string_view kUnwinderName = "libgcc_s.so.1";

// If `module` is libgcc_s: forces its lazy initialisation by one _Unwind_Backtrace that stops at
// once. Called after the module's constructors. Does nothing under musl, and where libc opens
// libgcc_s by us: there is one then.
void make_unwinder_ready(const Module& module);

}  // namespace ldseal
