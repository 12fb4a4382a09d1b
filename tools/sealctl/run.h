// `sealctl run`: starts a command that the loader will not seal, or not wholly.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace sealctl {

// Adds the subcommand to `app`. `from_marker` are the words from the first "--" on, which the
// parser does not see: where the command itself stands before it, the "--" is the command's own.
void add_run(CLI::App& app, const std::vector<std::string>& from_marker);

}  // namespace sealctl
