// What comes of an attack.
#pragma once

#include <string_view>

namespace sealctl::prove {

enum class Outcome {
  kHeld,     // it was refused, and nothing is different
  kNothing,  // the call succeeded, and nothing is different
  kOpen,     // it has worked
  kNotMade,  // what prepares the attack failed: nothing is proved
};
std::string_view word_for(Outcome outcome);

}  // namespace sealctl::prove
