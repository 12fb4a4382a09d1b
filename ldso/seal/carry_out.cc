// See carry_out.h. Nothing is sealed but in carry_out().
#include "ldso/seal/carry_out.h"

#include "ldso/base/trace.h"
#include "ldso/seal/apply.h"

namespace ldseal {
namespace {

Error cannot_seal(const PlannedRange& r) {
  Error e = fault(Fault::kCannotSeal);
  e.object = r.object;
  e.field = name_of(r.kind).data();
  e.place = Place::kVaddr;
  e.where = r.range.start.value;
  return e;
}

// Under `require`: everything that the policy wants can be sealed. Looked at before anything is, as
// what is sealed cannot be unmapped again.
Status check_readable(Plan& plan) {
  if (!plan.policy().is_required) return {};
  for (const PlannedRange& r : plan.ranges()) {
    if (r.left != Left::kUnreadable) continue;
    Error e = cannot_seal(r);
    e.name = "it is not readable";
    return e;
  }
  return {};
}

// Under `require`: it is sealed.
Status check_sealed(Plan& plan, const SealOutcome& outcome) {
  if (!plan.policy().is_required) return {};
  for (const PlannedRange& r : plan.ranges()) {
    if (r.left != Left::kRefused && r.left != Left::kNotHeld) continue;
    Error e = cannot_seal(r);
    if (r.left == Left::kRefused) e.error_number = outcome.error_number;
    if (r.left == Left::kNotHeld) e.name = "not held: mseal succeeds and seals nothing";
    return e;
  }
  return {};
}

// Why nothing is sealed, though mseal refused nothing: a number for start/seal_text.cc.
enum class Idle : uint8_t { kNo, kPolicyOff, kExempt, kRecorded, kSimulated, kNotHeld };

Idle idle_by(const Policy& policy, const SealOutcome& outcome) {
  if (!outcome.holds) return Idle::kNotHeld;
  if (policy.is_recorded) return Idle::kRecorded;
  if (policy.is_simulated) return Idle::kSimulated;
  if (policy.seals_anything()) return Idle::kNo;
  return policy.wanted != 0 ? Idle::kExempt : Idle::kPolicyOff;
}

void tell_ranges(Plan& plan, int error_number) {
  if (!trace::on(Topic::kSeal)) return;
  for (const PlannedRange& r : plan.ranges()) {
    trace::tell(Topic::kSeal,
                {Event::kSealRange,
                 {name_of(r.kind).data(), r.object},
                 {r.range.start.value, r.range.end.value, static_cast<uint64_t>(r.protection),
                  static_cast<uint64_t>(r.left), static_cast<uint64_t>(error_number)}});
  }
}

void tell_outcome(const Policy& policy, const SealOutcome& outcome) {
  trace::tell(Topic::kSeal, {Event::kSealed,
                             {},
                             {outcome.ranges, outcome.calls,
                              static_cast<uint64_t>(outcome.holds ? outcome.error_number : 0),
                              static_cast<uint64_t>(idle_by(policy, outcome))}});
}

}  // namespace

bool is_called_for(const Policy& policy) {
  return policy.seals_anything() || trace::on(Topic::kSeal);
}

Status carry_out(Plan& plan) {
  if (Status s = check_readable(plan); !s) return s;
  SealOutcome outcome = apply(plan);
  tell_ranges(plan, outcome.error_number);
  tell_outcome(plan.policy(), outcome);
  return check_sealed(plan, outcome);
}

void tell_ranges(Plan& plan) { tell_ranges(plan, 0); }

}  // namespace ldseal
