// What LD_SHOW_AUXV asks for (ld.so(8)).
#pragma once

#include "ldso/sys/process_stack.h"

namespace ldseal {

// One line on standard output for each entry of the auxiliary vector (getauxval(3)), as glibc has
// it.
void print_auxiliary_vector(const ProcessStack& stack);

}  // namespace ldseal
