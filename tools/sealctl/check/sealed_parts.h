// What of an object stays unsealed, by the loader's own plan.
#pragma once

#include <vector>

#include "ldso/image/module.h"
#include "ldso/seal/policy.h"
#include "tools/sealctl/check/heap_arena.h"
#include "tools/sealctl/check/prediction.h"

namespace sealctl::check {

// Adds a reason for each part of `object` that ld-seal seals by default, and does not here.
// `scratch` is for notes.
void add_unsealed_parts(const ldseal::Module& object, const ldseal::Policy& policy,
                        ldseal::PageSize page, ldseal::Arena& scratch,
                        std::vector<Reason>& reasons);

}  // namespace sealctl::check
