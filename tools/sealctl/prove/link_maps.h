// The lists of loaded objects (struct link_map) that are in the memory of a stopped process: that
// which debuggers read, and those that a loader keeps for itself.
#pragma once

#include <array>
#include <elf.h>

#include "tools/sealctl/prove/object_files.h"

namespace sealctl::prove {

struct LinkMap {
  uint64_t address = 0;
  uint64_t bias = 0;               // l_addr, its first word
  uint64_t section = 0;            // l_ld
  std::string name;                // l_name; empty for the program
  std::string list;                // the object that has the head of its list
  std::vector<Elf64_Dyn> entries;  // of its dynamic section

  // The value of the entry. None: there is no such one.
  std::optional<uint64_t> value_of(int64_t tag) const;
};

// Each once; the program's first, if debuggers can see it.
std::vector<LinkMap> find_link_maps(const Tracee& process,
                                    const std::vector<LoadedObject>& objects);

}  // namespace sealctl::prove
