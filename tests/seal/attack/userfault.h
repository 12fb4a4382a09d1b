// userfaultfd as an attack: it may give pages to read-only memory that has none yet, and take some away.
#pragma once

#include "attacks.h"

namespace userfault {

using Result = std::optional<Answer>;

// Pages of somebody's choice, of zeroes, or that nobody can read, for what has none.
Result copy(Tracee& tracee, Span span, const Target& target);
Result zero(Tracee& tracee, Span span, const Target& target);
Result poison(Tracee& tracee, Span span, const Target& target);
// Pages moved to where there are none, or away.
Result move_onto(Tracee& tracee, Span span, const Target& target);
Result move_away(Tracee& tracee, Span span, const Target& target);

}  // namespace userfault
