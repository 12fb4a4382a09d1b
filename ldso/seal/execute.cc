// See execute.h.
#include "ldso/seal/execute.h"

#include <asm/errno.h>
#include <linux/mman.h>

#include "ldso/base/trace.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// Returns the ranges from `first` on that are to be sealed and are adjacent.
std::span<PlannedRange> run_from(std::span<PlannedRange> ranges, size_t first) {
  size_t end = first;
  while (end < ranges.size() && ranges[end].verdict == Verdict::kSealed &&
         (end == first || ranges[end].range.start == ranges[end - 1].range.end)) {
    ++end;
  }
  return ranges.subspan(first, end - first);
}

AddressRange whole(std::span<const PlannedRange> run) {
  return {run.front().range.start, run.back().range.end};
}

// ENOSYS and EPERM will repeat for every range. ENOMEM, a gap, concerns this range only.
bool will_repeat(int error_number) { return error_number != ENOMEM; }

// Proves by its effect that mseal has sealed something: a filter or an emulator may have answered 0
// in the kernel's place. mprotect(2) on a sealed page fails with EPERM even if it asks for the
// protection that the page has; on an unsealed page that call changes nothing. Nothing else fails
// like this:
// - W^X enforcers (PR_SET_MDWE, systemd's filter, SELinux) refuse PROT_EXEC. So the proof uses a
// page that is not executable, unless there is none.
// - A filter that refuses every mprotect makes the start fail earlier, when the same call makes
// RELRO and ld-seal's memory read-only.
// A filter that lies about mseal and about this very call stays undetected. Its author can change
// what the process does anyway.
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
    if (r.verdict == Verdict::kSealed) r.verdict = Verdict::kNotHeld;
  }
}

Error cannot_seal(const PlannedRange& r) {
  Error e = fault(Fault::kCannotSeal);
  e.object = r.object;
  e.field = name_of(r.seal_class).data();
  e.place = Place::kVaddr;
  e.where = r.range.start.value;
  return e;
}

Status check_readable(Plan& plan) {
  if (!plan.policy().is_required) return {};
  for (const PlannedRange& r : plan.ranges()) {
    if (r.verdict != Verdict::kUnreadable) continue;
    Error e = cannot_seal(r);
    e.name = "it is not readable";
    return e;
  }
  return {};
}

Status check_sealed(Plan& plan, const SealOutcome& outcome) {
  if (!plan.policy().is_required) return {};
  for (const PlannedRange& r : plan.ranges()) {
    bool is_left = r.verdict == Verdict::kRefused || r.verdict == Verdict::kNotHeld ||
                   r.verdict == Verdict::kUnknown;
    if (!is_left) continue;
    Error e = cannot_seal(r);
    if (r.verdict == Verdict::kUnknown) e.name = "its extents are not known";
    if (r.verdict == Verdict::kRefused) e.error_number = outcome.error_number;
    if (r.verdict == Verdict::kNotHeld) e.name = "not held: mseal succeeds and seals nothing";
    return e;
  }
  return {};
}

NothingSealed reason_for_nothing(const Policy& policy, const SealOutcome& outcome) {
  if (!outcome.holds) return NothingSealed::kNotHeld;
  if (policy.filter == SealFilter::kKills) return NothingSealed::kFilterKills;
  if (policy.filter == SealFilter::kKillsForMore) return NothingSealed::kFilterKillsForMore;
  if (policy.filter == SealFilter::kNotAsked) return NothingSealed::kFilterNotAsked;
  if (policy.is_recorded) return NothingSealed::kRecorded;
  if (policy.is_simulated) return NothingSealed::kSimulated;
  if (policy.seals_anything()) return NothingSealed::kEmptyPlan;
  return policy.wanted != 0 ? NothingSealed::kExempt : NothingSealed::kPolicyOff;
}

void trace_ranges(Plan& plan, int error_number) {
  if (!trace::on(Topic::kSeal)) return;
  for (const PlannedRange& r : plan.ranges()) {
    trace::log(Topic::kSeal,
               {Event::kSealRange,
                {name_of(r.seal_class).data(), r.object},
                {r.range.start.value, r.range.end.value, static_cast<uint64_t>(r.protection),
                 static_cast<uint64_t>(r.verdict), static_cast<uint64_t>(error_number)}});
  }
}

void trace_outcome(const Policy& policy, const SealOutcome& outcome) {
  trace::log(Topic::kSeal, {Event::kSealed,
                            {},
                            {outcome.ranges, outcome.calls,
                             static_cast<uint64_t>(outcome.holds ? outcome.error_number : 0),
                             static_cast<uint64_t>(reason_for_nothing(policy, outcome))}});
}

}  // namespace

bool needs_plan(const Policy& policy) { return policy.seals_anything() || trace::on(Topic::kSeal); }

Status execute(Plan& plan) {
  if (Status s = check_readable(plan); !s) return s;
  SealOutcome outcome = seal_ranges(plan);
  trace_ranges(plan, outcome.error_number);
  trace_outcome(plan.policy(), outcome);
  return check_sealed(plan, outcome);
}

void trace_ranges(Plan& plan) { trace_ranges(plan, 0); }

SealOutcome seal_ranges(Plan& plan) {
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
      for (PlannedRange& r : run) r.verdict = Verdict::kRefused;
      goes_on = goes_on && !will_repeat(error_number);
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
