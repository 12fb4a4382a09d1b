// Finds a module by name: by each DT_SONAME, path and DT_NEEDED name that led to it. This is a hash
// table because a program of a thousand libraries makes a hundred thousand look-ups.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/text.h"
#include "ldso/elf/hash.h"

namespace ldseal {

struct Module;

class NameTable {
 public:
  // If two modules have the same name, the first keeps it.
  void add(Arena& arena, const char* name, Module* module) {
    if (count_ * 2 >= capacity_) grow(arena);
    Slot& slot = slot_for(name);
    if (slot.name != nullptr) return;
    slot = {name, module};
    ++count_;
  }
  Module* find(const char* name) const { return capacity_ == 0 ? nullptr : slot_for(name).module; }

 private:
  struct Slot {
    const char* name;
    Module* module;
  };

  Slot& slot_for(const char* name) const {
    size_t at = gnu_hash(name) & (capacity_ - 1);
    while (slots_[at].name != nullptr && !equal(slots_[at].name, name))
      at = (at + 1) & (capacity_ - 1);
    return slots_[at];
  }
  void grow(Arena& arena) {
    Slot* old = slots_;
    size_t old_capacity = capacity_;
    capacity_ = old_capacity == 0 ? 16 : old_capacity * 4;
    // All pages are written: reading them first would make two faults each.
    slots_ = arena.make_array<Slot>(capacity_);
    for (size_t i = 0; i < old_capacity; ++i) {
      if (old[i].name != nullptr) slot_for(old[i].name) = old[i];
    }
  }

  Slot* slots_ = nullptr;
  size_t capacity_ = 0;  // a power of two
  size_t count_ = 0;
};

}  // namespace ldseal
