// The escape hatch: what a supervisor, which said so before execve(2), keeps us from sealing
// (<ldseal/exempt.h>).
#pragma once

#include "ldso/seal/policy.h"

namespace ldseal {

// Asks for each of `classes`. Before the first seal.
void query_exemptions(Policy& policy, uint32_t classes);

// rr aborts a recording on the first successful mseal. `says_recorded` is what the environment
// claims (RUNNING_UNDER_RR=1); rr's own system call must confirm it.
void detect_rr(Policy& policy, bool says_recorded);

}  // namespace ldseal
