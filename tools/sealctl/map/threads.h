// The threads of a process, by their stacks.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tools/sealctl/ps/proc_folder.h"

namespace sealctl::map {

struct Thread {
  pid_t number = 0;
  std::string name;
  uint64_t stack_pointer = 0;
};

// The threads whose stack pointer the kernel shows: those that wait in the kernel, if the caller
// may trace the process. In the order of their stack pointers.
std::vector<Thread> list_threads(const ps::ProcFolder& process);

}  // namespace sealctl::map
