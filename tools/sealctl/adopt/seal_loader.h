// Whether ld-seal is installed in a root, and whether it may be trusted.
#pragma once

#include "tools/sealctl/adopt/machines.h"
#include "tools/sealctl/adopt/root.h"

namespace sealctl {

// Throws Refused unless the name that adopted programs get leads to an ld-seal of this machine that
// only root can change.
void check_seal_loader(const Root& root, const Machine& machine);

}  // namespace sealctl
