// See hatch.h. Without a supervisor the kernel answers EINVAL, because it does not know the option.
#include "ldso/seal/hatch.h"

#include "ldso/sys/kernel.h"

namespace ldseal {

void query_exemptions(Policy& policy, uint32_t classes) {
  for (uint32_t c = LDSEAL_CLASS_TEXT; c <= LDSEAL_CLASS_GUARDS; c <<= 1) {
    bool is_exempt = (classes & c) != 0 && kernel::process_control(PR_LDSEAL_EXEMPT, c).value == 0;
    if (is_exempt) policy.exempt |= c;
  }
}

void detect_rr(Policy& policy, bool says_recorded) {
  policy.is_recorded = says_recorded && kernel::probe_recorder().value == 0;
  if (policy.is_recorded) policy.exempt = LDSEAL_CLASS_ALL;
}

}  // namespace ldseal
