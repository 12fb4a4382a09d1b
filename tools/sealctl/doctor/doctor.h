// `sealctl doctor`: can this machine, or the system in a folder, be sealed, and what would be hurt?
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/cli11.h"
#include "tools/sealctl/doctor/finding.h"

namespace sealctl {

// Adds the subcommand to `app`.
void add_doctor(CLI::App& app);

namespace doctor {

// Everything that the command looks at. Throws a Failure if the folder `root` cannot be opened.
Report examine(const std::string& root);

// The findings that forbid to adopt the system in the folder `root`, "/" for this one.
std::vector<Finding> findings_against_adoption(const std::string& root);

// The units of that system whose filter kills even for the calls by which ld-seal asks what the
// filter allows: they must start with LDSEAL=off. Sorted.
std::vector<std::string> units_that_need_policy_off(const std::string& root);

}  // namespace doctor

}  // namespace sealctl
