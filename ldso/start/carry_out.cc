// See carry_out.h. Nothing is sealed but in carry_out().
#include "ldso/start/carry_out.h"

#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/elf/image_view.h"
#include "ldso/seal/apply.h"
#include "ldso/seal/hatch.h"
#include "ldso/start/seal_text.h"

namespace ldseal {
namespace {

SystemMappings look_for_system_mappings(Address vdso, PageSize page) {
  SystemMappings found = trace::on(Topic::kSeal) ? find_system_mappings(vdso, page, kTellingOrder)
                                                 : find_system_mappings(vdso, page, kQuickOrder);
  trace::tell(Topic::kSeal,
              {Event::kSealSystem,
               {},
               {static_cast<uint64_t>(found.method), static_cast<uint64_t>(found.doubt)}});
  return found;
}

// Under `require`: the kernel's mappings are there, and nobody knows how far they reach.
Status check_known(const Policy& policy, const SystemMappings& mappings, Address vdso) {
  bool is_known = mappings.doubt == SystemMappingsDoubt::kNone ||
                  mappings.doubt == SystemMappingsDoubt::kNoVdso;
  if (!policy.is_required || is_known) return {};
  Error e = fault(Fault::kSystemMappingsUnknown);
  e.name = text_of(static_cast<uint64_t>(mappings.doubt));
  e.place = Place::kVaddr;
  e.where = vdso.value;
  return e;
}

// Under `require`: everything that the policy wants is sealed.
Status check_sealed(Plan& plan, const SealOutcome& outcome) {
  if (!plan.policy().is_required) return {};
  for (const PlannedRange& r : plan.ranges()) {
    if (r.left != Left::kRefused && r.left != Left::kUnreadable) continue;
    Error e = fault(Fault::kCannotSeal);
    e.object = r.object;
    e.field = name_of(r.kind).data();
    e.error_number = r.left == Left::kRefused ? outcome.error_number : 0;
    e.place = Place::kVaddr;
    e.where = r.range.start.value;
    return e;
  }
  return {};
}

// Why nothing was to be sealed: a number for start/seal_text.cc.
enum class Idle : uint8_t { kNo, kPolicyOff, kExempt, kRecorded };

Idle idle_by(const Policy& policy) {
  if (policy.is_recorded) return Idle::kRecorded;
  if (policy.seals_anything()) return Idle::kNo;
  return policy.wanted != 0 ? Idle::kExempt : Idle::kPolicyOff;
}

void tell_plan(Plan& plan, const SealOutcome& outcome) {
  if (!trace::on(Topic::kSeal)) return;
  for (const PlannedRange& r : plan.ranges()) {
    trace::tell(Topic::kSeal,
                {Event::kSealRange,
                 {name_of(r.kind).data(), r.object},
                 {r.range.start.value, r.range.end.value, static_cast<uint64_t>(r.protection),
                  static_cast<uint64_t>(r.left), static_cast<uint64_t>(outcome.error_number)}});
  }
  trace::tell(Topic::kSeal,
              {Event::kSealed,
               {},
               {outcome.ranges, outcome.calls, static_cast<uint64_t>(outcome.error_number),
                static_cast<uint64_t>(idle_by(plan.policy()))}});
}

}  // namespace

Status decide_policy(Policy& policy, ProgramHeaders headers, LoadBias bias, const char* program,
                     const char* variable, Arena& arena) {
  policy.wanted = Policy::kDefault;
  ImageView image = ImageView::of_memory(headers, bias);
  if (Status s = apply_note(policy, headers, image, program, arena); !s) return s;
  if (variable == nullptr) return {};
  return apply_words(policy, variable, "environment", "LDSEAL", arena);
}

void ask_supervisor(Policy& policy, uint32_t classes, const char* recorder) {
  heed_recorder(policy, recorder != nullptr && equal(recorder, "1"));
  if (!policy.is_recorded) ask_exemptions(policy, classes);
}

bool is_called_for(const Policy& policy) {
  return policy.seals_anything() || trace::on(Topic::kSeal);
}

Status add_system_mappings(Plan& plan, SystemMappings& found, Address vdso, PageSize page) {
  if (!plan.policy().seals(SealClass::kSystem)) return {};
  found = look_for_system_mappings(vdso, page);
  if (Status s = check_known(plan.policy(), found, vdso); !s) return s;
  plan.add_system(found);
  return {};
}

Status carry_out(Plan& plan) {
  SealOutcome outcome = apply(plan);
  tell_plan(plan, outcome);
  return check_sealed(plan, outcome);
}

}  // namespace ldseal
