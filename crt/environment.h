// Which variables of the environment a static program follows: environment.cc has all of them,
// sealctl.cc one.
#pragma once

#include "crt/program.h"

namespace ldseal {

// Returns the value of a variable; null if it is empty or unset.
inline const char* value_in(const ProcessStack& stack, std::string_view name) {
  const char* value = stack.variable(name);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

// Call it only if the program is not privileged.
StaticOptions options_of_environment(const ProcessStack& stack);

}  // namespace ldseal
