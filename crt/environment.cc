// See environment.h.
#include "crt/environment.h"

namespace ldseal {

StaticOptions options_of_environment(const ProcessStack& stack) {
  return {.policy = value_in(stack, "LDSEAL"),
          .debug = value_in(stack, "LD_DEBUG"),
          .own_debug = value_in(stack, "LDSEAL_DEBUG"),
          .debug_output = value_in(stack, "LD_DEBUG_OUTPUT"),
          .recorder = value_in(stack, "RUNNING_UNDER_RR")};
}

}  // namespace ldseal
