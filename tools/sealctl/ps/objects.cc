// See objects.h.
#include "tools/sealctl/ps/objects.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>

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

// The difference between addresses in memory and in the file, by the segment that the code is of.
std::optional<uint64_t> bias_of(const ElfSummary& elf, const Mapping& code, uint64_t page) {
  for (const ElfLoad& load : elf.loads) {
    const uint64_t start = load.offset & ~(page - 1);
    if (!load.is_executable || code.offset < start || code.offset >= load.offset + load.size)
      continue;
    return code.start - (load.address - load.offset + code.offset);
  }
  return std::nullopt;
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
  static const auto kPage = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::vector<MappedObject> objects;
  for (const Mapping& m : mappings) {
    if (!m.is_executable || !m.has_file) continue;
    const SharedElf elf = cache.find(process, m);
    const auto bias = elf == nullptr ? std::nullopt : bias_of(*elf, m, kPage);
    if (!bias) continue;
    // The text may be in several mappings.
    const bool is_known =
        !objects.empty() && objects.back().bias == *bias && objects.back().name == m.name;
    if (!is_known) objects.push_back({m.name, elf, *bias});
  }
  return objects;
}

}  // namespace sealctl::ps
