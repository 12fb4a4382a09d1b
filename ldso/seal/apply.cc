// See apply.h.
#include "ldso/seal/apply.h"

#include <asm/errno.h>

#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// The ranges from `first` on that are to be sealed and touch each other.
std::span<PlannedRange> run_from(std::span<PlannedRange> ranges, size_t first) {
  size_t end = first;
  while (end < ranges.size() && ranges[end].left == Left::kNo &&
         (end == first || ranges[end].range.start == ranges[end - 1].range.end)) {
    ++end;
  }
  return ranges.subspan(first, end - first);
}

AddressRange whole(std::span<const PlannedRange> run) {
  return {run.front().range.start, run.back().range.end};
}

// No system call of this number, or one that is forbidden: every other range fares alike. ENOMEM,
// a gap, is the matter of one range.
bool is_for_good(int error_number) { return error_number != ENOMEM; }

}  // namespace

SealOutcome apply(Plan& plan) {
  SealOutcome outcome;
  std::span<PlannedRange> ranges = plan.ranges();
  bool goes_on = true;
  for (size_t i = 0; i < ranges.size();) {
    std::span<PlannedRange> run = run_from(ranges, i);
    if (run.empty()) {
      ++i;
      continue;
    }
    AddressRange range = whole(run);
    int error_number =
        goes_on ? kernel::seal(range.start, range.length()).error_number() : outcome.error_number;
    if (error_number == 0) {
      ++outcome.calls;
      outcome.ranges += run.size();
    } else {
      if (outcome.refused == nullptr) outcome.refused = &run.front();
      if (outcome.error_number == 0) outcome.error_number = error_number;
      for (PlannedRange& r : run) r.left = Left::kRefused;
      goes_on = goes_on && !is_for_good(error_number);
    }
    i += run.size();
  }
  return outcome;
}

void list_runs(Plan& plan, List<AddressRange>& runs, Arena& arena) {
  std::span<PlannedRange> ranges = plan.ranges();
  for (size_t i = 0; i < ranges.size();) {
    std::span<PlannedRange> run = run_from(ranges, i);
    if (!run.empty()) runs.add(arena, whole(run));
    i += run.empty() ? 1 : run.size();
  }
}

int seal_again(std::span<const AddressRange> runs) {
  int error_number = 0;
  for (AddressRange range : runs) {
    int answer = kernel::seal(range.start, range.length()).error_number();
    if (error_number == 0) error_number = answer;
  }
  return error_number;
}

}  // namespace ldseal
