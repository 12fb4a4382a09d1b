// See apply.h.
#include "ldso/seal/apply.h"

#include <asm/errno.h>
#include <linux/mman.h>

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

// Sees by its effect whether mseal has sealed anything: a filter or an emulator may have answered 0 in
// the kernel's place. mprotect(2) on a sealed page answers EPERM, even if the page is to have the
// protection that it has, and where nothing is sealed that changes nothing. Nobody else answers so:
// - Who enforces W^X (PR_SET_MDWE, systemd's filter, SELinux) refuses PROT_EXEC. So the page is one
//   that is not executable, unless there is none.
// - Under a filter that refuses every mprotect a start has failed before, at RELRO or at our records,
//   which become read-only by the same call.
// A filter that is made to lie about mseal and about this very call stays undetected. Whoever installs
// it can change what the process does anyway.
class Proof {
 public:
  void offer(Address page, int protection) {
    bool is_executable = (protection & PROT_EXEC) != 0;
    if (is_there_ && (is_executable || (protection_ & PROT_EXEC) == 0)) return;
    is_there_ = true;
    page_ = page;
    protection_ = protection;
  }
  bool holds() const {
    constexpr ByteCount kOnePage(1);  // the kernel rounds up
    return !is_there_ || kernel::protect(page_, kOnePage, protection_).error_number() == EPERM;
  }

 private:
  bool is_there_ = false;
  Address page_;
  int protection_ = 0;
};

Address first_constant(std::span<const PlannedRange> run) {
  for (const PlannedRange& r : run) {
    if (r.protection == PROT_READ) return r.range.start;
  }
  return {};
}

void mark_as_not_held(std::span<PlannedRange> ranges) {
  for (PlannedRange& r : ranges) {
    if (r.left == Left::kNo) r.left = Left::kNotHeld;
  }
}

}  // namespace

SealOutcome apply(Plan& plan) {
  SealOutcome outcome;
  std::span<PlannedRange> ranges = plan.ranges();
  Proof proof;
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
      for (const PlannedRange& r : run) proof.offer(r.range.start, r.protection);
    } else {
      if (outcome.refused == nullptr) outcome.refused = &run.front();
      if (outcome.error_number == 0) outcome.error_number = error_number;
      for (PlannedRange& r : run) r.left = Left::kRefused;
      goes_on = goes_on && !is_for_good(error_number);
    }
    i += run.size();
  }
  outcome.holds = proof.holds();
  if (outcome.holds) return outcome;
  mark_as_not_held(ranges);
  outcome.ranges = outcome.calls = 0;
  return outcome;
}

void list_runs(Plan& plan, List<SealedRun>& runs, Arena& arena) {
  std::span<PlannedRange> ranges = plan.ranges();
  for (size_t i = 0; i < ranges.size();) {
    std::span<PlannedRange> run = run_from(ranges, i);
    if (!run.empty()) runs.add(arena, {whole(run), first_constant(run)});
    i += run.empty() ? 1 : run.size();
  }
}

int seal_again(std::span<const SealedRun> runs) {
  int error_number = 0;
  Proof proof;
  for (const SealedRun& run : runs) {
    int answer = kernel::seal(run.range.start, run.range.length()).error_number();
    if (answer == 0 && run.constant != Address()) proof.offer(run.constant, PROT_READ);
    if (error_number == 0) error_number = answer;
  }
  bool is_believed = error_number != 0 || proof.holds();
  return is_believed ? error_number : EOPNOTSUPP;
}

}  // namespace ldseal
