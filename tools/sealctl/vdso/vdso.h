// `sealctl vdso`: where the kernel's vDSO and its data lie, by each method that can say it.
#pragma once

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`.
void add_vdso(CLI::App& app);

}  // namespace sealctl
