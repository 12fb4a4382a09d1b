// Finds the dlopened object that an address belongs to. It is read without a lock and in signal
// handlers, while one thread changes it. There are two copies. Readers use the copy that the
// version selects; the writer fills the other one and then increments the version. A reader reads
// again if the version has changed meanwhile.
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

  // Makes room, so that a `replace` with `count` objects cannot fail. False: no memory. dl_lock is
  // held.
  [[nodiscard]] bool reserve(size_t count);
  // Replaces the objects of the table. They may be in any order. list_lock is held.
  void replace(std::span<Module* const> modules);

  // Finds the object whose span contains `address`; false if there is none. Any thread and any
  // signal handler may call it.
  bool find(Address address, ModuleEntry& entry) const;
  // Is it the link_map of an object? In the same way.
  bool has(const void* link_map) const;

 private:
  // Never released, because another thread may be reading it.
  struct Copy {
    size_t capacity;
    size_t count;
    ModuleEntry* entries() { return reinterpret_cast<ModuleEntry*>(this + 1); }
  };
  static bool search(Copy* copy, Address address, ModuleEntry& entry);
  static bool lists(Copy* copy, const void* link_map);
  // What `look` says of the objects of one moment.
  template <class Look>
  bool read(Look look) const;
  static bool reserve(Copy*& copy, size_t count);

  Copy* copies_[2] = {};
  uint64_t version_ = 0;
};

ModuleEntry describe_entry(const Module& module);

}  // namespace ldseal
