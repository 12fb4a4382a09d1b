// /etc/ld.so.cache, as ldconfig(8) writes it (format "glibc-ld.so.cache1.1"): library name to path.
#pragma once

#include <cstdint>
#include <string_view>

#include "ldso/base/bytes.h"

namespace ldseal {

class LibraryCache {
 public:
  LibraryCache() = default;
  // `file` is the whole file; a file of another format makes a cache that knows nothing.
  explicit LibraryCache(ByteView file);

  // The path for `name` among entries with these flags, from the best glibc-hwcaps directory up to
  // what `isa_level` says ("…-v3" is level 3); null when there is none. The text lies in the file.
  // The level is asked for only where there is a choice: CPUID is slow under a hypervisor.
  const char* find(const char* name, int32_t flags, const char* hwcaps_prefix,
                   unsigned (*isa_level)()) const;

 private:
  struct Entry {
    int32_t flags;
    uint32_t key;
    uint32_t value;
    uint32_t os_version;
    uint64_t hwcap;
  };
  Entry entry(uint32_t index) const;
  const char* text(uint32_t offset) const;
  const char* hwcaps_name(uint32_t index) const;
  void find_hwcaps_names(uint32_t extension_offset);

  ByteView file_;
  uint32_t count_ = 0;
  FileOffset hwcaps_names_;
  uint32_t hwcaps_count_ = 0;
};

// The level that the name of a glibc-hwcaps directory stands for: "x86-64-v3" is 3; 0 for any other
// name.
unsigned hwcaps_level(std::string_view name, const char* prefix);

}  // namespace ldseal
