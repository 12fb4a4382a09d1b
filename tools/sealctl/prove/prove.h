// `sealctl prove`: attacks copies of a fresh start of a program and shows what held.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`. `from_marker` are the arguments from the first "--" on: a command.
void add_prove(CLI::App& app, const std::vector<std::string>& from_marker);

}  // namespace sealctl
