// The escape hatch: a supervisor can exempt classes from sealing, before execve(2)
// (<ldseal/exempt.h>).
#pragma once

#include "ldso/seal/policy.h"

namespace ldseal {

// Queries each of `classes`. Call before the first seal.
void query_exemptions(Policy& policy, uint32_t classes);

// rr aborts a recording at the first successful mseal. `says_recorded` is the claim of the
// environment (RUNNING_UNDER_RR=1). rr's own system call must confirm it.
void detect_rr(Policy& policy, bool says_recorded);

}  // namespace ldseal
