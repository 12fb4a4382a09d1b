// See link_maps.h. What is read is the process's and may be anything: every walk has an end.
#include "tools/sealctl/prove/link_maps.h"

#include <algorithm>
#include <set>

namespace sealctl::prove {
namespace {

constexpr size_t kMostMaps = 10'000;
constexpr size_t kMostEntries = 512;
constexpr size_t kLongestName = 1024;
constexpr uint64_t kRendezvousMap = kWord;  // r_map in struct r_debug, `head` in musl's

struct Head {
  uint64_t map;
  std::string list;
};

// The value that the loader has put into the entry DT_DEBUG.
uint64_t rendezvous_of(const Tracee& process, const LoadedObject& object) {
  uint64_t place = object.in_process(object.file.module.dynamic_section());
  for (const ldseal::Dyn& entry : object.file.module.dynamic.entries) {
    if (entry.d_tag == DT_DEBUG) return process.read_word(place + kWord).value_or(0);
    place += sizeof entry;
  }
  return 0;
}

std::vector<Head> find_heads(const Tracee& process, const std::vector<LoadedObject>& objects) {
  std::vector<Head> heads;
  const auto add = [&](uint64_t place, const LoadedObject& object) {
    const uint64_t map = process.read_word(place).value_or(0);
    if (map != 0) heads.push_back({map, object.name});
  };
  for (const LoadedObject& object : objects) {
    if (!object.file.why_not.empty()) continue;
    if (const uint64_t place = rendezvous_of(process, object); place != 0)
      add(place + kRendezvousMap, object);
  }
  for (const LoadedObject& object : objects) {
    if (!object.file.why_not.empty()) continue;
    for (const uint64_t place : object.definitions_of("_r_debug"))
      add(place + kRendezvousMap, object);
    for (const uint64_t place : object.definitions_of("_rtld_global")) add(place, object);
    for (const uint64_t place : object.definitions_of("_dl_debug_addr"))
      add(process.read_word(place).value_or(0) + kRendezvousMap, object);
  }
  return heads;
}

std::string text_at(const Tracee& process, uint64_t address) {
  std::string text(kLongestName, '\0');
  text.resize(process.read(address, text.data(), text.size()));
  return text.substr(0, text.find('\0'));
}

std::vector<Elf64_Dyn> entries_at(const Tracee& process, uint64_t section) {
  std::vector<Elf64_Dyn> entries(kMostEntries);
  entries.resize(process.read(section, entries.data(), kMostEntries * sizeof entries[0]) /
                 sizeof entries[0]);
  entries.erase(std::ranges::find(entries, DT_NULL, &Elf64_Dyn::d_tag), entries.end());
  return entries;
}

}  // namespace

std::optional<uint64_t> LinkMap::value_of(int64_t tag) const {
  const auto entry = std::ranges::find(entries, tag, &Elf64_Dyn::d_tag);
  if (entry == entries.end()) return std::nullopt;
  return entry->d_un.d_val;
}

std::vector<LinkMap> find_link_maps(const Tracee& process,
                                    const std::vector<LoadedObject>& objects) {
  std::vector<LinkMap> maps;
  std::set<uint64_t> seen;
  for (const Head& head : find_heads(process, objects)) {
    for (uint64_t at = head.map; at != 0 && maps.size() < kMostMaps && seen.insert(at).second;) {
      std::array<uint64_t, 4> words{};  // l_addr, l_name, l_ld, l_next
      if (process.read(at, words.data(), sizeof words) != sizeof words) break;
      maps.push_back({at, words[0], words[2], text_at(process, words[1]), head.list,
                      entries_at(process, words[2])});
      at = words[3];
    }
  }
  return maps;
}

}  // namespace sealctl::prove
