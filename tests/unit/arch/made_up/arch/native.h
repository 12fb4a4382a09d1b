// Takes the place of the tree's arch/native.h where its folder comes first in the search: the
// machine of the build is a made-up one, with the instructions of the host.
#pragma once

#define Native Host
#include "ldso/../arch/native.h"
#undef Native

#include "tests/unit/arch/made_up/target.h"

namespace ldseal {
static_assert(Machine<MadeUp>);
using Native = MadeUp;
}  // namespace ldseal
