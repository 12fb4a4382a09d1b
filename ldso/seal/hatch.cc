// See hatch.h. Without a supervisor the kernel answers EINVAL, because it does not know the option.
#include "ldso/seal/hatch.h"

#include "ldso/sys/kernel.h"

namespace ldseal {

static bool is_exempt(uint32_t classes) {
  return kernel::process_control(PR_LDSEAL_EXEMPT, classes).value == 0;
}

// All at once first: nearly always that is the only question.
void query_exemptions(Policy& policy, uint32_t classes) {
  if (classes == 0 || !is_exempt(classes)) return;
  for (uint32_t c = LDSEAL_CLASS_TEXT; c <= LDSEAL_CLASS_STACK; c <<= 1) {
    if ((classes & c) != 0 && is_exempt(c)) policy.exempt |= c;
  }
}

void detect_rr(Policy& policy, bool says_recorded) {
  policy.is_recorded = says_recorded && kernel::probe_recorder().value == 0;
  if (policy.is_recorded) policy.exempt = LDSEAL_CLASS_ALL;
}

}  // namespace ldseal
