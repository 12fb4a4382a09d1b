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

bool is_in(const ElfLoad& load, const Mapping& m, uint64_t page) {
  return (load.offset & ~(page - 1)) <= m.offset && m.offset < load.offset + load.size;
}

// The segment that the first mapping of an object is of: the file's first one, if that has not been
// replaced by memory without a file.
const ElfLoad* segment_of(const ElfSummary& elf, const Mapping& m, uint64_t page) {
  for (const ElfLoad& load : elf.loads) {
    const bool is_first = &load == &elf.loads.front() && m.offset == (load.offset & ~(page - 1));
    const bool fits = load.is_executable == m.is_executable && load.is_writable == m.is_writable;
    if (is_in(load, m, page) && (is_first || fits)) return &load;
  }
  return nullptr;
}

uint64_t end_of(const ElfSummary& elf, uint64_t bias) {
  uint64_t end = 0;
  for (const ElfLoad& load : elf.loads) end = std::max(end, bias + load.address + load.size);
  return end;
}

// Is there code in front of `end`? A debugger maps objects, too, to read them.
bool has_code(std::span<const Mapping> mappings, uint64_t end) {
  for (const Mapping& m : mappings) {
    if (m.start >= end) break;
    if (m.is_executable) return true;
  }
  return false;
}

}  // namespace

SharedElf ElfCache::find(const ProcFolder& process, const Mapping& mapping) {
  std::string key = fmt::format("{} {}", mapping.inode, mapping.name);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = files_.find(key); known != files_.end()) return known->second;
  }
  const Descriptor file = open_mapped(process, mapping);
  if (!file) return nullptr;  // through another process it may be readable
  SharedElf elf;
  if (std::optional<ElfSummary> summary = summarize_elf(file))
    elf = std::make_shared<const ElfSummary>(*std::move(summary));
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
  uint64_t end = 0;  // of the last object
  for (const Mapping& m : mappings) {
    if (!m.has_file || m.start < end) continue;
    const SharedElf elf = cache.find(process, m);
    const ElfLoad* segment = elf == nullptr ? nullptr : segment_of(*elf, m, kPage);
    if (segment == nullptr) continue;
    const uint64_t bias = m.start - (segment->address - segment->offset + m.offset);
    const uint64_t end_of_this = end_of(*elf, bias);
    if (!has_code(mappings.subspan(static_cast<size_t>(&m - mappings.data())), end_of_this))
      continue;
    objects.push_back({m.name, elf, bias});
    end = end_of_this;
  }
  return objects;
}

}  // namespace sealctl::ps
