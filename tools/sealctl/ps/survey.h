// Reads many processes at once.
#pragma once

#include <span>
#include <vector>

#include "tools/sealctl/ps/process.h"

namespace sealctl::ps {

// The processes, in the order of their numbers. Those that end meanwhile, and kernel threads, are
// left out. Uses as many threads as there are processors.
std::vector<Process> survey(std::span<const pid_t> pids);

}  // namespace sealctl::ps
