// Carries a plan out: one mseal(2) for each run of neighbouring ranges. It decides nothing.
#pragma once

#include "ldso/seal/plan.h"

namespace ldseal {

struct SealOutcome {
  size_t ranges = 0;                      // sealed
  size_t calls = 0;                       // of mseal that succeeded
  int error_number = 0;                   // of the first call that did not; 0: everything is sealed
  const PlannedRange* refused = nullptr;  // the first range of that call
};

// Seals what `plan`, which is sorted, has to seal and marks what was refused. A kernel or a filter
// that refuses the first call for good is not asked again.
SealOutcome apply(Plan& plan);

// Adds the runs of neighbouring ranges that are to be sealed to `runs`, which has room for as many as
// the plan has ranges.
void list_runs(Plan& plan, List<AddressRange>& runs, Arena& arena);

// Seals them once more, as after a restore from a checkpoint. 0, or the errno of the first refusal.
int seal_again(std::span<const AddressRange> runs);

}  // namespace ldseal
