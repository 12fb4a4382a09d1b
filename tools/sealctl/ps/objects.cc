// See objects.h.
#include "tools/sealctl/ps/objects.h"

#include <algorithm>
#include <fmt/format.h>

namespace sealctl::ps {
namespace {

// By its name in /proc/PID/map_files, which is exact and is for privileged callers; else by its
// path as the process sees it.
Descriptor open_mapped(const ProcFolder& process, const Mapping& mapping) {
  Descriptor exact =
      process.open_regular(fmt::format("map_files/{:x}-{:x}", mapping.start, mapping.end));
  if (exact) return exact;
  return process.open_regular(fmt::format("root{}", mapping.name));
}

// The mapping of the file's start that belongs to an executable mapping: the last one before it
// without another file in between.
const Mapping* start_of(std::span<const Mapping> mappings, size_t executable) {
  constexpr size_t kFarthest = 256;
  const Mapping& code = mappings[executable];
  const size_t first = executable - std::min(executable, kFarthest);
  for (size_t i = executable + 1; i-- > first;) {
    const Mapping& m = mappings[i];
    if (m.has_file && m.inode != code.inode) return nullptr;
    if (m.has_file && m.offset == 0) return &m;
  }
  return nullptr;
}

}  // namespace

SharedElf ElfCache::find(const ProcFolder& process, const Mapping& mapping) {
  std::string key = fmt::format("{} {}", mapping.inode, mapping.name);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = files_.find(key); known != files_.end()) return known->second;
  }
  SharedElf elf;
  if (std::optional<ElfSummary> summary = summarize_elf(open_mapped(process, mapping)))
    elf = std::make_shared<const ElfSummary>(*std::move(summary));
  else
    return nullptr;  // another process may be allowed to read it
  const std::lock_guard lock(mutex_);
  return files_.emplace(std::move(key), std::move(elf)).first->second;
}

uint64_t MappedObject::relro_start(uint64_t page) const {
  return (bias + elf->relro_address) & ~(page - 1);
}

uint64_t MappedObject::relro_end(uint64_t page) const {
  if (elf->relro_size == 0) return relro_start(page);
  return std::max(relro_start(page), (bias + elf->relro_address + elf->relro_size) & ~(page - 1));
}

std::vector<MappedObject> find_objects(ElfCache& cache, const ProcFolder& process,
                                       std::span<const Mapping> mappings) {
  std::vector<MappedObject> objects;
  const Mapping* last = nullptr;
  for (size_t i = 0; i < mappings.size(); ++i) {
    if (!mappings[i].is_executable || !mappings[i].has_file) continue;
    const Mapping* start = start_of(mappings, i);
    if (start == nullptr || start == last) continue;
    last = start;
    const SharedElf elf = cache.find(process, *start);
    if (elf == nullptr || elf->loads.empty()) continue;
    const uint64_t file_start = elf->loads.front().address - elf->loads.front().offset;
    objects.push_back({start->name, elf, start->start - file_start});
  }
  return objects;
}

}  // namespace sealctl::ps
