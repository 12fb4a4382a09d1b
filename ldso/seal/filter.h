// A seccomp(2) filter may kill the process for mseal(2): lists of allowed calls that are older than
// the call do, like those of systemd before version 256. So where a filter is in force, a child
// process makes the first call, and what becomes of the child decides.
#pragma once

#include "ldso/base/result.h"
#include "ldso/seal/policy.h"

namespace ldseal {

// Asks the filter, if one is in force and anything is to be sealed, and notes the answer in
// `policy`. At start-up, after the policy is decided; no other thread may run. Without a filter it
// costs one prctl(2). Error, only under `require`: kCannotSeal, if nothing can be sealed. `program`
// is its object.
Status query_filter(Policy& policy, const char* program);

// The same before objects are sealed that were opened later. The process may have installed filters
// since, and they may forbid to make a child. So the answer of start-up counts as long
// as the filters are the same, and otherwise nothing more is sealed. `opened` is the object in the
// error.
Status query_filter_again(Policy& policy, const char* opened);

}  // namespace ldseal
