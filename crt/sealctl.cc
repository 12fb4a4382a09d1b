// In the place of environment.cc in the start object of sealctl, which runs other programs: LDSEAL
// and LDSEAL_DEBUG are for them. Under rr sealctl, too, must stay unsealed.
#include "crt/environment.h"

namespace ldseal {

StaticOptions options_of_environment(const ProcessStack& stack) {
  return {.recorder = value_in(stack, "RUNNING_UNDER_RR")};
}

}  // namespace ldseal
