// How a running process was started, so that a fresh start can be attacked in its place.
#pragma once

#include "tools/sealctl/prove/tracee.h"

namespace sealctl::prove {

// Only reads /proc. Throws a Failure if the process is gone, may not be looked at, or is not
// sealed: a start of an unsealed program would run it.
Command command_of(pid_t pid);

// The words of a command line, with this process's environment.
Command command_of(const std::vector<std::string>& words);

}  // namespace sealctl::prove
