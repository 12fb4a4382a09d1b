// What `--help` and `--version` print.
#pragma once

#include "ldso/start/options.h"

namespace ldseal {

// The options; then, as glibc's loader has it, where libraries are searched for and which
// subdirectories of glibc-hwcaps count on this machine.
void print_help(const Options& options);
void print_version();

}  // namespace ldseal
