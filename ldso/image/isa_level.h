// The x86-64 level that an object says it needs (psABI x86-64, "Program Property").
#pragma once

#include "ldso/base/result.h"
#include "ldso/image/module.h"

namespace ldseal {

// The level that bits of the property ask for: bit 0 is the base line, level 1. 0: none.
unsigned level_needed(uint32_t bits);

// The level that the object needs. 0: it says none, or the machine has no levels.
unsigned level_needed_by(const Module& module);

// Refuses an object that needs a higher level than the processor has: kIsaLevelTooLow. glibc does;
// other libcs do not read the property.
Status check_isa_level(const Module& module);

}  // namespace ldseal
