// Executes a plan of sealing: one mseal(2) for each run of neighbouring ranges, then one call that
// proves the seals by their effect. Nothing else in the tree seals.
#pragma once

#include "ldso/base/result.h"
#include "ldso/seal/plan.h"

namespace ldseal {

struct SealOutcome {
  bool holds = true;                      // the proof has confirmed what mseal answered
  size_t ranges = 0;                      // sealed
  size_t calls = 0;                       // of mseal that succeeded
  int error_number = 0;                   // of the first call that did not; 0: everything is sealed
  const PlannedRange* refused = nullptr;  // the first range of that call
};

// Why nothing is sealed, though mseal refused nothing. words/seal_text.cc has a text for each.
enum class NothingSealed : uint8_t {
  kEmptyPlan,
  kPolicyOff,
  kExempt,
  kRecorded,
  kSimulated,
  kNotHeld,
  kCount
};

// False if nothing may be sealed and nobody traces: then no plan is needed.
bool needs_plan(const Policy& policy);

// Seals `plan`, which is complete and sorted, and traces each range. Errors, under `require` alone:
// kCannotSeal for the first range that cannot be read (then nothing is sealed at all, as sealed memory
// cannot be unmapped again), that mseal refused, or whose seal does not hold.
Status execute(Plan& plan);

// The sealing alone: seals what the plan has to seal and marks what was refused. After an error that
// will repeat for every range mseal is not called again. If the seals do not hold, no range counts as
// sealed.
SealOutcome seal_ranges(Plan& plan);

// Only traces the ranges of a plan in which nothing is to be sealed.
void trace_ranges(Plan& plan);

// Ranges that one call seals, and a page in them that is readable and nothing else, with which the seal
// can be proved; null if there is none. The list holds no protection: an attacker who can write to it
// must not get to choose one.
struct SealedRun {
  AddressRange range;
  Address constant;
};

// Adds the runs of neighbouring ranges that are to be sealed to `runs`, which has room for as many as
// the plan has ranges.
void list_runs(Plan& plan, List<SealedRun>& runs, Arena& arena);

// Seals them once more, as after a restore from a checkpoint. Returns 0, the errno of the first
// refusal, or EOPNOTSUPP if the seals do not hold, as far as that can be seen.
int seal_again(std::span<const SealedRun> runs);

}  // namespace ldseal
