// Class `wx`: once the seals hold, code is final. Nothing that is executable changes, and nothing
// else becomes executable (PR_SET_MDWE of prctl(2), Linux 6.3).
#pragma once

#include "ldso/base/result.h"
#include "ldso/seal/policy.h"

namespace ldseal {

// For the process, as far as `policy` wants it; programs that it executes are not affected where
// the kernel has PR_MDWE_NO_INHERIT (6.6). Traces the outcome. Error, only under `require`:
// kCodeNotFinal.
Status make_code_final(const Policy& policy);

// A child of fork(2) does not inherit it.
void make_code_final_in_child(const Policy& policy);

}  // namespace ldseal
