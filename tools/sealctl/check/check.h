// `sealctl check`: what ld-seal will do with programs and libraries, without running them.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`. `from_marker` are the arguments from the first "--" on: more files.
void add_check(CLI::App& app, const std::vector<std::string>& from_marker);

}  // namespace sealctl
