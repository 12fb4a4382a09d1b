// Sums up the mappings of a process.
#pragma once

#include <span>

#include "tools/sealctl/ps/objects.h"
#include "tools/sealctl/ps/process.h"

namespace sealctl::ps {

// Guards are counted only if there is more than one thread.
Memory describe_memory(const ProcFolder& folder, ElfCache& cache, std::span<const Mapping> mappings,
                       unsigned threads);

}  // namespace sealctl::ps
