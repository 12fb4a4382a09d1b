// What `sealctl run` and `sealctl trace` set for the command that they start: the loader's
// variables, and the hatch.
#pragma once

#include <string>

#include "tools/sealctl/cli11.h"

namespace sealctl {

// Empty: it is left as it is.
struct RunSettings {
  std::string policy;  // LDSEAL
  std::string guard;   // LDSEAL_GUARD
  std::string exempt;  // classes, for the hatch

  bool is_empty() const { return policy.empty() && guard.empty() && exempt.empty(); }
};

// Adds --policy, --guard and --exempt to `subcommand`. `settings` must live until the callback has
// run.
void add_run_settings(CLI::App& subcommand, RunSettings& settings);

// Sets them for this process, which then executes the command. Throws a Failure if the kernel
// refuses the hatch's filter, or a class is unknown.
void apply(const RunSettings& settings);

// Adds --trace=WORDS, which is LDSEAL_DEBUG.
void add_trace_option(CLI::App& subcommand, std::string& words);

}  // namespace sealctl
