// The vDSO of this process and the kernel's data below it, as each method finds them. The methods
// are the loader's own sources (ldso/seal/system_mappings.h), called one by one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealctl::vdso {

struct Part {
  uint64_t start = 0;
  uint64_t end = 0;
  std::string name;  // "[vvar]", "[vvar_vclock]" or "[vdso]"
  bool operator==(const Part&) const = default;
};

// What a method has found. The ELF image shows the vDSO alone.
struct Found {
  std::string_view method;
  std::vector<Part> parts;  // ascending and without gaps, the vDSO last; empty if there is a doubt
  std::string doubt;        // why nothing is known; empty if something is
  bool is_possible = true;  // the method works here

  uint64_t data_start() const { return parts.empty() ? 0 : parts.front().start; }
  uint64_t start() const { return parts.empty() ? 0 : parts.back().start; }
  uint64_t end() const { return parts.empty() ? 0 : parts.back().end; }
};

struct Extents {
  uint64_t base = 0;  // AT_SYSINFO_EHDR; 0: the kernel gives no vDSO
  Found image;        // by the ELF header and program headers in memory
  Found query;        // by the ioctl PROCMAP_QUERY
  Found maps;         // by the text of /proc/self/maps
  Found advice;       // by madvise(2)
  Found loader;       // what ld-seal takes, after its comparisons

  // Do all methods that work here find the same?
  bool agree() const;
};

Extents find_extents();

// Does the kernel have the ioctl (Linux 6.11)?
bool has_procmap_query();

}  // namespace sealctl::vdso
