// Reads what /proc shows of processes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/ps/objects.h"
#include "tools/sealctl/ps/process.h"

namespace sealctl::ps {

// The numbers of all processes that /proc lists. Throws a Failure if there is no /proc.
std::vector<pid_t> list_processes();

// Reads a process and judges it. None: it has ended, or has no memory (a kernel thread, a zombie).
// Safe to call from several threads with the same cache. `text` is room that calls share; if the
// process may be looked at, it holds the text of smaps afterwards.
std::optional<Process> inspect(pid_t pid, ElfCache& cache, std::string& text);

}  // namespace sealctl::ps
