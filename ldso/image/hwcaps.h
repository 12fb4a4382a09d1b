// Which subdirectories of glibc-hwcaps count (ld.so(8)), and which of two is better.
#pragma once

#include <string_view>

namespace ldseal {

struct Hwcaps {
  const char* prefix = nullptr;       // "x86-64-v": levels follow; null: the machine has none
  unsigned (*isa_level)() = nullptr;  // called only where there is a choice: CPUID may be slow
  const char* prepend = nullptr;      // --glibc-hwcaps-prepend: names that come first
  const char* mask = nullptr;         // --glibc-hwcaps-mask: the levels that count; null: all

  bool has_any() const { return prefix != nullptr || prepend != nullptr; }
  bool allows_level(unsigned level) const;

  static constexpr unsigned kWithoutSubdirectory = 1;
  // The greater the better, kWithoutSubdirectory at least; 0: the name does not count.
  unsigned worth(std::string_view name) const;
};

// Returns the level of a glibc-hwcaps directory: 3 for "x86-64-v3"; 0 for any other name.
unsigned hwcaps_level(std::string_view name, const char* prefix);

}  // namespace ldseal
