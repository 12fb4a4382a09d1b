// Finds the guards that MADV_GUARD_INSTALL has put into page tables.
#pragma once

#include <span>
#include <vector>

#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/ps/smaps.h"

namespace sealctl::ps {

struct GuardRange {
  uint64_t start;
  uint64_t end;
};

// The guards in writable memory without a file, where the stacks of threads are. None if the kernel
// cannot say (before 6.15) or the process may not be looked at.
std::vector<GuardRange> find_guards(const ProcFolder& process, std::span<const Mapping> mappings);

// The same in all memory: the holes of objects are filled with guards, too.
std::vector<GuardRange> find_all_guards(const ProcFolder& process,
                                        std::span<const Mapping> mappings);

}  // namespace sealctl::ps
