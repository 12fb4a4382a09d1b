// Seals dlopened objects that are never unloaded.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/image/module.h"

namespace ldseal {

// Pins and seals every pinned object and all that it needs, unless that is done already. `group`
// are objects that are not published yet: they are relocated, and none of their code has run. Only
// under `require` an error is returned; then the objects are not pinned.
Status seal_pinned(std::span<Module* const> group);

// Seals everything again that seal_pinned() has sealed (ldseal_reseal). Returns 0, or the errno of
// the first mseal(2) that failed.
int seal_opened_again();

}  // namespace ldseal
