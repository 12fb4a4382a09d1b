// The ELF files that processes have mapped. Each is read once, however many processes have it.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/ps/smaps.h"

namespace sealctl::ps {

using SharedElf = std::shared_ptr<const ElfSummary>;  // null: it is no ELF file, or cannot be read

// Safe to use from several threads.
class ElfCache {
 public:
  // The file behind a mapping of this process.
  SharedElf find(const ProcFolder& process, const Mapping& mapping);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, SharedElf> files_;
};

// An object that a process has mapped.
struct MappedObject {
  std::string_view name;
  SharedElf elf;  // not null
  uint64_t bias = 0;

  // The whole pages of its RELRO in memory; equal if it has none.
  uint64_t relro_start(uint64_t page) const;
  uint64_t relro_end(uint64_t page) const;
};

// The objects with code, in ascending order.
std::vector<MappedObject> find_objects(ElfCache& cache, const ProcFolder& process,
                                       std::span<const Mapping> mappings);

}  // namespace sealctl::ps
