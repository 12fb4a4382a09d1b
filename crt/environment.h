// Which variables of the environment a static program follows: environment.cc has all of them,
// sealctl.cc one.
#pragma once

#include "crt/program.h"

namespace ldseal {

// Call it only if the program is not privileged.
StaticOptions options_of_environment(const ProcessStack& stack);

}  // namespace ldseal
