// A seccomp(2) filter may kill the process for mseal(2): lists of allowed calls that are older than
// the call do, like those of systemd before version 256. Shorter lists lack madvise(2) and
// mremap(2), too. So where a filter is in force, a child process makes these calls first, and what
// becomes of the child decides.
#pragma once

#include "ldso/base/result.h"
#include "ldso/seal/policy.h"

namespace ldseal {

// Asks the filter, if one is in force, and notes the answer in `policy`. At start-up, before one of
// the calls is made; no other thread may run. Without a filter it costs one prctl(2).
void query_filter(Policy& policy);

// Error, only under `require`: kCannotSeal, if the filter keeps everything from being sealed.
// `object` is its object. After the policy is decided.
Status check_filter(const Policy& policy, const char* object);

// The answer for objects that were opened later. The process may have installed filters since, and
// they may forbid to make a child. So the answer of start-up counts as long as the filters are the
// same, and otherwise nothing more is sealed.
void query_filter_again(Policy& policy);

}  // namespace ldseal
