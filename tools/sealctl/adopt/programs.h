// `sealctl adopt PROGRAM...` and `sealctl release PROGRAM...`: single programs.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/adopt/root.h"
#include "tools/sealctl/failure.h"

namespace sealctl {

struct ProgramOptions {
  std::vector<std::string> paths;     // programs, and folders that are searched for programs
  std::vector<std::string> excluded;  // patterns of glob(7), for paths, or for names if without '/'
  bool again = false;                 // all that is recorded as well
  bool dry_run = false;
};

// Makes ld-seal the loader of the programs. Prints what it does, and one line for each program that
// is left as it is. Returns the highest exit status of those. Throws a Failure if nothing is done.
ExitStatus adopt_programs(const Root& root, const ProgramOptions& options);

// Gives the programs their loader back. Without paths: every recorded program.
ExitStatus release_programs(const Root& root, const ProgramOptions& options);

}  // namespace sealctl
