// The data about a module that the plan uses.
#pragma once

#include "ldso/image/module.h"
#include "ldso/seal/plan.h"

namespace ldseal {

inline PlannedModule planned(const Module& m) {
  return {m.segments, m.bias, m.display_name(), m.holes_are_guarded, m.final_stubs, m.final_slots};
}

}  // namespace ldseal
