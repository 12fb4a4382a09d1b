// `sealctl run`: starts a command that ld-seal seals by another policy, less, or not at all.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommand to `app`. `from_marker` are the arguments from the first "--" on, which the
// parser does not see. If the command stands before the "--", the "--" is one of its arguments.
void add_run(CLI::App& app, const std::vector<std::string>& from_marker);

}  // namespace sealctl
