// A plan's execution, with what `require` and the trace want of it.
#pragma once

#include "ldso/base/result.h"
#include "ldso/seal/plan.h"

namespace ldseal {

// Is there anything to do or to tell?
bool is_called_for(const Policy& policy);

// Seals. The plan is complete and sorted.
Status carry_out(Plan& plan);

// Of a plan in which nothing is to be sealed: only says so.
void tell_ranges(Plan& plan);

}  // namespace ldseal
