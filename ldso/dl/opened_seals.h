// Sealing what dlopen(3) brings, as far as it can never leave the process again.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/image/module.h"

namespace ldseal {

// Seals every opened object that is permanent, and what those need, as far as that is not done yet;
// all of it is permanent then. `group` are those that are not published yet: relocated, and none of
// their code has run. An error under `require` alone, and then nothing is remembered.
Status seal_pinned(std::span<Module* const> group);

// Seals it all once more: 0, or the errno of the first refusal.
int seal_opened_again();

}  // namespace ldseal
