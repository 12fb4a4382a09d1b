// Runs a command with ld-seal's trace going to files, and reads them afterwards.
#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tools/sealctl/trace/plan.h"

namespace sealctl::trace {

// A process in which ld-seal started a program.
struct TracedProcess {
  pid_t pid = 0;
  std::vector<Plan> plans;
};

struct TracedRun {
  pid_t pid = 0;   // of the command
  int status = 0;  // as wait(2) has it
  // The command's process first, if ld-seal started it; then those that it started, by number.
  std::vector<TracedProcess> processes;
};

// Runs the command with this process's input and outputs; `prepare` runs in the child before.
// Throws a Failure if the command cannot be run, or the files cannot be made.
TracedRun run_traced(std::vector<std::string> command, const std::function<void()>& prepare);

}  // namespace sealctl::trace
