// See decide.h. Nothing is sealed here.
#include "ldso/seal/decide.h"

#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/elf/image_view.h"
#include "ldso/mem/mapping.h"
#include "ldso/seal/hatch.h"

namespace ldseal {
namespace {

SystemMappings look_for_system_mappings(Address vdso, PageSize page) {
  SystemMappings found = trace::on(Topic::kSeal) ? find_system_mappings(vdso, page, kTellingOrder)
                                                 : find_system_mappings(vdso, page, kQuickOrder);
  trace::log(Topic::kSeal,
             {Event::kSealSystem,
              {},
              {static_cast<uint64_t>(found.method), static_cast<uint64_t>(found.doubt)}});
  return found;
}

// Under `require`: fails if the kernel's mappings exist but their extents are unknown.
Status check_known(const Policy& policy, const SystemMappings& mappings, Address vdso) {
  bool is_known = mappings.doubt == SystemMappingsDoubt::kNone ||
                  mappings.doubt == SystemMappingsDoubt::kNoVdso;
  if (!policy.is_required || is_known) return {};
  Error e = fault(Fault::kSystemMappingsUnknown);
  e.found = static_cast<uint64_t>(mappings.doubt);
  e.place = Place::kVaddr;
  e.where = vdso.value;
  return e;
}

}  // namespace

Status decide_policy(Policy& policy, ProgramHeaders headers, LoadBias bias, const char* program,
                     const char* variable, Arena& arena) {
  policy.wanted = Policy::kDefault;
  ImageView image = ImageView::of_memory(headers, bias);
  if (Status s = apply_note(policy, headers, image, program, arena); !s) return s;
  return apply_variable(policy, variable, arena);
}

void query_supervisor(Policy& policy, uint32_t classes, const char* recorder) {
  detect_rr(policy, recorder != nullptr && equal(recorder, "1"));
  if (policy.is_recorded) return forbid_populating();
  query_exemptions(policy, classes);
}

Status add_system_mappings(Plan& plan, SystemMappings& found, Address vdso, PageSize page) {
  if (!plan.policy().seals(SealClass::kSystem)) return {};
  found = look_for_system_mappings(vdso, page);
  if (Status s = check_known(plan.policy(), found, vdso); !s) return s;
  plan.add_system(found);
  return {};
}

}  // namespace ldseal
