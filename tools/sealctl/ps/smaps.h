// Reads the text of /proc/PID/smaps, the only place where the kernel shows seals.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sealctl::ps {

struct Mapping {
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t offset = 0;     // in the file
  std::string_view inode;  // with its device, as in "fe:00 1234"; device and inode 0: no file
  std::string_view name;   // of the file, as the kernel writes it, or "[vdso]" and the like
  bool is_readable = false;
  bool is_writable = false;
  bool is_executable = false;
  bool is_sealed = false;
  bool has_file = false;

  uint64_t size() const { return end - start; }
  // The vDSO and its data, and what is no mapping at all. ld-seal finds them or leaves them.
  bool is_kernels() const { return name.starts_with("[v") || name == "[uprobes]"; }
};

// The mappings in ascending order. Texts in them are parts of `text`. What is not understood is
// left out, so a text that is cut off gives the mappings before the cut.
std::vector<Mapping> parse_smaps(std::string_view text);

}  // namespace sealctl::ps
