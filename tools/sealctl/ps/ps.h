// `sealctl ps`: which processes are sealed, and why the others are not.
#pragma once

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`.
void add_ps(CLI::App& app);

}  // namespace sealctl
