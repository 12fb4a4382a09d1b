// Runs a command and looks at it when it is about to end.
#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sealctl::map {

// Runs the command with this process's input and outputs. Just before it ends, its memory still
// being there, `look` is called with its PID. Throws a Failure if it cannot be started or traced.
void run_to_its_end(const std::vector<std::string>& command,
                    const std::function<void(pid_t)>& look);

}  // namespace sealctl::map
