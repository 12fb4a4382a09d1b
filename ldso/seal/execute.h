// Executes a plan of sealing: one mseal(2) for each run of neighbouring ranges, then one call that
// proves the seals by their effect. Nothing else in the tree seals.
#pragma once

#include "ldso/base/result.h"
#include "ldso/seal/plan.h"

namespace ldseal {

struct SealOutcome {
  bool holds = true;                      // the proof confirms what mseal answered
  size_t ranges = 0;                      // ranges sealed
  size_t calls = 0;                       // successful calls of mseal
  int error_number = 0;                   // of the first call that failed; 0: everything is sealed
  const PlannedRange* refused = nullptr;  // the first range of that call
};

// The reason why nothing is sealed although mseal refused nothing. words/seal_text.cc has a text
// for each.
enum class NothingSealed : uint8_t {
  kEmptyPlan,
  kPolicyOff,
  kExempt,
  kRecorded,
  kSimulated,
  kNotHeld,
  kFilterKills,
  kFilterKillsForMore,
  kFilterNotAsked,
  kCount
};

// Returns false if nothing may be sealed and no trace is on: then no plan is needed.
bool needs_plan(const Policy& policy);

// Seals `plan`, which must be complete and sorted, and traces each range. Errors, only under
// `require`: kCannotSeal for the first range that cannot be read (then nothing is sealed, because
// sealed memory cannot be unmapped again), that mseal refused, or whose seal does not hold.
Status execute(Plan& plan);

// Seals the ranges of the plan and marks those that were refused. Does not call mseal again after
// an error that will repeat for every range. If the seals do not hold, no range counts as sealed.
SealOutcome seal_ranges(Plan& plan);

// Only traces the ranges of a plan in which nothing is to be sealed.
void trace_ranges(Plan& plan);

// The ranges that one call seals, and a read-only page in them that can prove the seal; null if
// there is none. The list holds no protection, because an attacker who can write to it must not get
// to choose one.
struct SealedRun {
  AddressRange range;
  Address constant;
};

// Adds to `runs` the runs of neighbouring ranges that are to be sealed. `runs` must have room for
// as many entries as the plan has ranges.
void list_runs(Plan& plan, List<SealedRun>& runs, Arena& arena);

// Seals the runs again, as after a restore from a checkpoint. Returns 0, or the errno of the first
// refusal, or EOPNOTSUPP if the seals demonstrably do not hold.
int seal_again(std::span<const SealedRun> runs);

}  // namespace ldseal
