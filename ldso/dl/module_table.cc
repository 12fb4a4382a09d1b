// See module_table.h. The order of the accesses is that of a sequence lock ("Can Seqlocks Get Along
// With Programming Language Memory Models?", Boehm).
#include "ldso/dl/module_table.h"

#include "ldso/mem/heap.h"

namespace ldseal {
namespace {

template <class T>
T load(const T& from) {
  T value;
  __atomic_load(&from, &value, __ATOMIC_RELAXED);
  return value;
}

template <class T>
void store(T& to, T value) {
  __atomic_store(&to, &value, __ATOMIC_RELAXED);
}

ModuleEntry load_entry(const ModuleEntry& from) {
  return {load(from.start), load(from.end), load(from.link_map), load(from.eh_frame)};
}

void store_entry(ModuleEntry& to, const ModuleEntry& entry) {
  store(to.start, entry.start);
  store(to.end, entry.end);
  store(to.link_map, entry.link_map);
  store(to.eh_frame, entry.eh_frame);
}

}  // namespace

ModuleEntry describe_entry(const Module& m) {
  const Phdr* frame = m.segments.eh_frame;
  const void* frame_memory =
      frame == nullptr ? nullptr : (Vaddr(frame->p_vaddr) + m.bias).as<const void>();
  return {m.span.start.value, m.span.end.value, m.link_map, frame_memory};
}

bool ModuleTable::reserve(Copy*& copy, size_t count) {
  if (copy != nullptr && copy->capacity >= count) return true;
  size_t capacity = copy == nullptr ? 32 : copy->capacity * 2;
  if (capacity < count) capacity = count;
  auto* bigger =
      static_cast<Copy*>(record_heap.allocate(sizeof(Copy) + capacity * sizeof(ModuleEntry)));
  if (bigger == nullptr) return false;
  bigger->capacity = capacity;
  size_t known = copy == nullptr ? 0 : copy->count;
  for (size_t i = 0; i < known; ++i) bigger->entries()[i] = copy->entries()[i];
  bigger->count = known;
  __atomic_store_n(&copy, bigger, __ATOMIC_RELEASE);
  return true;
}

bool ModuleTable::reserve(size_t count) {
  return reserve(copies_[0], count) && reserve(copies_[1], count);
}

void ModuleTable::replace(std::span<Module* const> modules) {
  Copy* copy = copies_[(version_ + 1) & 1];
  __atomic_thread_fence(__ATOMIC_RELEASE);
  ModuleEntry* entries = copy->entries();
  size_t count = 0;
  for (const Module* m : modules) {
    ModuleEntry entry = describe_entry(*m);
    size_t at = count++;
    for (; at > 0 && entries[at - 1].start > entry.start; --at)
      store_entry(entries[at], entries[at - 1]);
    store_entry(entries[at], entry);
  }
  store(copy->count, count);
  __atomic_store_n(&version_, version_ + 1, __ATOMIC_RELEASE);
}

bool ModuleTable::search(Copy* copy, Address address, ModuleEntry& entry) {
  if (copy == nullptr) return false;
  size_t low = 0, high = load(copy->count);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    entry = load_entry(copy->entries()[middle]);
    if (address.value < entry.start) {
      high = middle;
    } else if (address.value >= entry.end) {
      low = middle + 1;
    } else {
      return true;
    }
  }
  return false;
}

bool ModuleTable::lists(Copy* copy, const void* link_map) {
  if (copy == nullptr) return false;
  for (size_t i = 0, count = load(copy->count); i < count; ++i) {
    if (load(copy->entries()[i].link_map) == link_map) return true;
  }
  return false;
}

template <class Look>
bool ModuleTable::read(Look look) const {
  for (;;) {
    uint64_t version = __atomic_load_n(&version_, __ATOMIC_ACQUIRE);
    bool answer = look(__atomic_load_n(&copies_[version & 1], __ATOMIC_ACQUIRE));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (load(version_) == version) return answer;
  }
}

bool ModuleTable::find(Address address, ModuleEntry& entry) const {
  return read([&](Copy* copy) { return search(copy, address, entry); });
}

bool ModuleTable::has(const void* link_map) const {
  return read([&](Copy* copy) { return lists(copy, link_map); });
}

}  // namespace ldseal
