// `sealctl trace`: runs a command and shows the plan by which ld-seal sealed it.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`. `from_marker` are the arguments from the first "--" on: a command.
void add_trace(CLI::App& app, const std::vector<std::string>& from_marker);

}  // namespace sealctl
