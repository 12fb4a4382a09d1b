// Which object an address belongs to, for opened objects: read without a lock and in signal
// handlers, while one thread changes it. There are two copies: readers use the one that the version
// names, the writer fills the other one and then raises the version; a reader whose version has
// changed meanwhile reads again.
#pragma once

#include <span>

#include "ldso/image/module.h"

namespace ldseal {

struct ModuleEntry {
  uint64_t start, end;
  LinkMap* link_map;
  const void* eh_frame;  // PT_GNU_EH_FRAME in memory; null where the object has none
};

class ModuleTable {
 public:
  constexpr ModuleTable() = default;

  // Makes room, so that a `replace` with so many objects cannot fail. By one thread at a time.
  [[nodiscard]] bool reserve(size_t count);
  // From now on these objects are known, in whatever order they come. By one thread at a time.
  void replace(std::span<Module* const> modules);

  // At any time, by anyone.
  bool find(Address address, ModuleEntry& entry) const;

 private:
  // Never given back: somebody may be reading it.
  struct Copy {
    size_t capacity;
    size_t count;
    ModuleEntry* entries() { return reinterpret_cast<ModuleEntry*>(this + 1); }
  };
  static bool search(Copy* copy, Address address, ModuleEntry& entry);
  static bool reserve(Copy*& copy, size_t count);

  Copy* copies_[2] = {};
  uint64_t version_ = 0;
};

ModuleEntry describe_entry(const Module& module);

}  // namespace ldseal
