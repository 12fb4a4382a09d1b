// Chooses the machine of this build. No other file asks the compiler for the machine.
#pragma once

#if defined(__x86_64__)
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/syscall.h"
#include "arch/x86_64/target.h"
#include "arch/x86_64/thread_pointer.h"
#include "arch/x86_64/valgrind.h"
namespace ldseal {
using Native = X86_64;
}
#else
#include "arch/aarch64/cpu.h"
#include "arch/aarch64/syscall.h"
#include "arch/aarch64/target.h"
#include "arch/aarch64/thread_pointer.h"
#include "arch/aarch64/valgrind.h"
namespace ldseal {
using Native = Aarch64;
}
#endif
