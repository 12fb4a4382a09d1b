// The machine that this build is for. With include/ldseal/exempt.h, which users compile without the
// rest of the tree, the only place that asks the compiler.
#pragma once

#include "arch/machine.h"

#if defined(__x86_64__)
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/syscall.h"
#include "arch/x86_64/thread_pointer.h"
#include "arch/x86_64/valgrind.h"
namespace ldseal {
using Native = X86_64;
}
#elif defined(__aarch64__)
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/syscall.h"
#include "arch/aarch64/thread_pointer.h"
#include "arch/aarch64/valgrind.h"
namespace ldseal {
using Native = Aarch64;
}
#else
#error "ldseal does not run on this machine: arch/README.md says what a port supplies"
#endif
