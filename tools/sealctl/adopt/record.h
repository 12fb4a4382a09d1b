// What is adopted, and what is being done: the files in /var/lib/ldseal (README.md, "What sealctl
// records"). Each is replaced as a whole, so that it is always either old or new.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/adopt/machines.h"
#include "tools/sealctl/adopt/metadata.h"
#include "tools/sealctl/adopt/state_folder.h"

namespace sealctl {

// kAdopting and kReleasing are written before the first change, so after a crash they are found.
enum class Step : uint8_t { kAdopting, kAdopted, kReleasing };

struct Entry {
  std::string path;  // in the root, without symbolic links
  const Machine* machine = nullptr;
  Step step = Step::kAdopting;
  uint64_t offset = 0;  // PT_INTERP's bytes
  uint64_t size = 0;
  uint64_t inode = 0;              // of the file to which `before` belongs
  Changeable before;               // what the change may take away, valid until it is done
  std::vector<std::string> names;  // in its folder, replaced together: the hard links of the file
};

// The programs, in the order of their paths. Throws a Failure for a damaged file.
std::vector<Entry> read_programs(const StateFolder& folder);

// Replaces the list; an empty one removes the file.
void write_programs(const StateFolder& folder, const std::vector<Entry>& programs);

// True if a path can be recorded: JSON holds UTF-8 only.
bool is_recordable(const std::string& path);

// What is done to the loader's name of one machine. Nothing, if nothing is.
std::optional<Step> read_system(const StateFolder& folder, const Machine& machine);
void write_system(const StateFolder& folder, const Machine& machine, std::optional<Step> step);

// Forgets that the system was released for an upgrade of libc6 and is to be adopted again after it
// (tools/packaging/hooks/before-libc6.in).
void forget_upgrade(const StateFolder& folder);

}  // namespace sealctl
