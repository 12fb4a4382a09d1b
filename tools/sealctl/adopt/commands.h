// The subcommands `adopt`, `release` and `status`.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Adds the subcommands to `app`. `from_marker` are the arguments from the first "--" on: programs.
void add_adopt(CLI::App& app, const std::vector<std::string>& from_marker);
void add_release(CLI::App& app, const std::vector<std::string>& from_marker);
void add_status(CLI::App& app);

}  // namespace sealctl
