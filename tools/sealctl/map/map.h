// `sealctl map`: every mapping of a process, what it is, and whether it is sealed.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`. `from_marker` are the arguments from the first "--" on: a command.
void add_map(CLI::App& app, const std::vector<std::string>& from_marker);

}  // namespace sealctl
