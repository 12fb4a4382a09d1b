// What ld-seal does not do is left to libc's own loader, in the same process: executable stacks,
// text relocations, auditing, profiling. This is possible until libc is brought up: before that
// nothing is sealed or relocated, and no foreign code has run.
#pragma once

#include "ldso/base/result.h"
#include "ldso/process/process.h"
#include "ldso/start/options.h"

namespace ldseal {

// Before anything is known of the program: may libc's own loader get the process?
bool may_be_left_to_libc_rtld(const Options& options);

// Can libc's own loader start the program that ld-seal cannot start because of this error?
bool is_left_to_libc_rtld(const Error& reason, const Options& options);

// Undoes what ld-seal has done to the process, seals the kernel's mappings if the policy says so,
// and enters libc's own loader as if the kernel had started it. If the policy has `require`, or the
// program's note `final`, or if there is no such loader, reports `reason` and ends the process with
// status 127.
[[noreturn]] void give_way(Process& process, const Options& options, const Error& reason);

}  // namespace ldseal
