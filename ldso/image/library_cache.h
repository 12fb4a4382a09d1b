// /etc/ld.so.cache as ldconfig(8) writes it (format "glibc-ld.so.cache1.1"). It maps library names
// to paths.
#pragma once

#include <cstdint>
#include <string_view>

#include "ldso/base/bytes.h"
#include "ldso/image/hwcaps.h"

namespace ldseal {

class LibraryCache {
 public:
  LibraryCache() = default;
  // `file` is the whole file. A file of another format gives an empty cache.
  explicit LibraryCache(ByteView file);

  // Returns the path for `name` among the entries with these flags; null if there is none. Prefers
  // the best glibc-hwcaps directory. The text lies in the file.
  const char* find(const char* name, int32_t flags, const Hwcaps& hwcaps) const;

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

}  // namespace ldseal
