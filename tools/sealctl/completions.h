// `sealctl completions SHELL`: writes what a shell needs to complete sealctl's command line.
#pragma once

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`. It describes what `app` knows when it runs, so every other
// subcommand is in what it writes. It is for the build, and no help lists it.
void add_completions(CLI::App& app);

}  // namespace sealctl
