// Carries a plan out: one mseal(2) for each run of neighbouring ranges, then one call that shows whether
// the seals hold. It decides nothing.
#pragma once

#include "ldso/seal/plan.h"

namespace ldseal {

struct SealOutcome {
  bool holds = true;                      // what mseal said has been seen to be true
  size_t ranges = 0;                      // sealed
  size_t calls = 0;                       // of mseal that succeeded
  int error_number = 0;                   // of the first call that did not; 0: everything is sealed
  const PlannedRange* refused = nullptr;  // the first range of that call
};

// Seals what `plan`, which is sorted, has to seal and marks what was refused. A kernel or a filter
// that refuses the first call for good is not asked again. A seal counts when it holds: where it does
// not, nothing is sealed.
SealOutcome apply(Plan& plan);

// Ranges that are sealed by one call, and a page of them that can be read and no more, by which it can
// be seen; null if there is none. Who can write to a list of them must not find a protection to choose.
struct SealedRun {
  AddressRange range;
  Address constant;
};

// Adds the runs of neighbouring ranges that are to be sealed to `runs`, which has room for as many as
// the plan has ranges.
void list_runs(Plan& plan, List<SealedRun>& runs, Arena& arena);

// Seals them once more, as after a restore from a checkpoint. 0, or the errno of the first refusal;
// EOPNOTSUPP if the seals do not hold, as far as that can be seen.
int seal_again(std::span<const SealedRun> runs);

}  // namespace ldseal
