// Reasons from the loader's own errors.
#pragma once

#include "ldso/base/error.h"
#include "tools/sealctl/check/prediction.h"

namespace sealctl::check {

// The reason that an error of the loader's gives, in its words. `object` is the file at fault if
// the error names none.
Reason reason_for(const ldseal::Error& error, const std::string& object);

// What becomes of a program when start-up has this reason.
Outcome outcome_of(Rule rule);

}  // namespace sealctl::check
