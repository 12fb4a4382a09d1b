// Blocks come from our own heap, never from the program's malloc. A closed module's blocks end in
// all threads at once, so that an id may be used again: a thread's pointer is either null or the
// block of the module that has the id now.
#include "ldso/threads/dynamic_tls.h"

#include <elf.h>

#include "ldso/abi/exports.h"
#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/sys/kernel.h"
#include "ldso/threads/sanitizers.h"
#include "ldso/threads/tls_surplus.h"

// arch/<m>/tls.S: the resolver of an opened module's descriptors.
extern "C" const char tls_descriptor_static[];
extern "C" const char tls_descriptor_undefined_weak[];
extern "C" const char tls_descriptor_opened[];

namespace ldseal {

// What arch/<m>/tls.S knows in numbers.
static_assert(offsetof(ThreadWords, blocks) == 0 && offsetof(ThreadWords, block_count) == 8);
static_assert(offsetof(ThreadWords, slots) == 32 && kTlsSlots == 32);
static_assert(kDescriptorOffsetBits == 40);

namespace {

// What has an id: `module` is null where the id is free.
struct Adopted {
  Module* module;
  bool is_published;  // its image is final
  bool is_lost;  // a thread that we cannot write to may still have a pointer to a block of this id
};

struct DynamicTls {
  TlsLayout layout = {
      .alignment = 0,
      .room = TlsRoom::kNone};  // until start-up: the loader has no initialised data
  uint64_t start_up_modules;
  uint64_t first_opened;  // the module word of the opened id 0, which is nobody's
  int64_t slots;  // of the slot of the module word 0, if it had one, from the thread pointer
  const int64_t* start_up_offsets;  // of their blocks from the thread pointer, by module word
  HeapList<Adopted> opened;         // by id; 0 is nobody's
  TlsSurplus surplus;
  size_t in_surplus;  // how many modules have a place there
};
[[clang::no_destroy]] constinit DynamicTls tls = {};

constexpr uint64_t kLibcsIds = uint64_t{1} << 32;  // above every id of ours

[[noreturn]] void give_up(std::string_view line) {
  kernel::write(2, line);
  kernel::exit(127);
}

Module* module_of(uint64_t id) { return id < tls.opened.size() ? tls.opened[id].module : nullptr; }

uint64_t skew_of(const TlsBlock& block) { return block.image.value & (block.alignment - 1); }

void write_initial_values(const Module& m, Address block) {
  const TlsBlock& b = m.tls;
  const void* image = (b.image + m.bias).as<const void>();
  __builtin_memcpy(block.as<void>(), image, b.image_size.value);
  __builtin_memset((block + b.image_size).as<void>(), 0, b.size.value - b.image_size.value);
}

Address static_block(const Module& m, uintptr_t pointer) {
  return Address(pointer + static_cast<uint64_t>(m.tls.offset));
}

// In every thread that runs, and in what libc copies for every later one.
void write_everywhere(const Module& m) {
  for_each_thread([&](ThreadRecord& thread) {
    if (thread.pointer != 0) write_initial_values(m, static_block(m, thread.pointer));
  });
  Address image = process.runtime.tls_image;
  if (image.value == 0) return;
  auto into = static_cast<uint64_t>(m.tls.offset - tls.layout.start);
  write_initial_values(m, image + ByteCount(into));
}

bool is_used_dynamically(uint32_t id) {
  bool used = false;
  for_each_thread([&](ThreadRecord& thread) {
    BlockTable* table = thread.table;
    used = used || (table != nullptr && id < table->capacity && table->blocks()[id] != nullptr);
  });
  return used;
}

constexpr uint64_t kLargestBlock = uint64_t{1} << 32;

Error too_large(const Module& m, const char* field, uint64_t found) {
  Error e = fault(Fault::kTlsTooLarge);
  e.object = m.display_name();
  e.field = field;
  e.found = found;
  e.wanted = kLargestBlock;
  return e;
}

Error cannot_be_static(Fault why, const Module& m, uint64_t found, uint64_t wanted) {
  Error e = fault(why);
  e.name = m.display_name();
  e.field = "PT_TLS p_align";
  e.found = found;
  e.wanted = wanted;
  return e;
}

Status require_static(Module& m) {
  Held held(threads_lock);
  if (m.tls.alignment > kTlsSurplusAlignment)
    return cannot_be_static(Fault::kTlsTooLarge, m, m.tls.alignment, kTlsSurplusAlignment);
  if (is_used_dynamically(m.tls.opened_id))
    return cannot_be_static(Fault::kTlsAlreadyDynamic, m, m.tls.size.value, 0);
  bool has_room = tls.layout.room == TlsRoom::kForOpened;
  std::optional<uint64_t> place = has_room ? tls.surplus.take(m.tls) : std::nullopt;
  if (!place)
    return cannot_be_static(Fault::kTlsSurplusUsedUp, m, m.tls.size.value,
                            has_room ? tls.surplus.left().value : 0);
  m.tls.offset = tls.layout.surplus + static_cast<int64_t>(*place);
  ++tls.in_surplus;
  if (tls.opened[m.tls.opened_id].is_published) write_everywhere(m);
  return {};
}

// With the lock held. A signal handler of the thread may read the words at any time: the new table
// holds all that the old one does, and the count is never more than what the table has.
bool widen_table(ThreadRecord& record, uint64_t id) {
  uint64_t before = record.table == nullptr ? 0 : record.table->capacity;
  if (id < before) return true;
  uint64_t capacity = before == 0 ? 8 : before;
  while (capacity <= id) capacity *= 2;
  auto* table =
      static_cast<BlockTable*>(heap::allocate(sizeof(BlockTable) + capacity * sizeof(void*)));
  if (table == nullptr) return false;
  table->before = record.table;
  table->capacity = capacity;
  for (uint64_t i = 0; i < before; ++i) table->blocks()[i] = record.table->blocks()[i];
  record.table = table;
  ThreadWords& words = thread_words();
  __atomic_store_n(&words.blocks, table->blocks(), __ATOMIC_RELEASE);
  __atomic_store_n(&words.block_count, capacity, __ATOMIC_RELEASE);
  return true;
}

void* new_block(const Module& m) {
  uint64_t skew = skew_of(m.tls);
  void* memory = heap::allocate(skew + m.tls.size.value, m.tls.alignment);
  if (memory == nullptr) return nullptr;
  Address block = Address(memory) + ByteCount(skew);
  write_initial_values(m, block);
  tell_sanitizers_of_block(block.as<void>(), m.tls.size.value);
  return block.as<void>();
}

void release_block(const Module& m, void*& block) {
  if (block == nullptr) return;
  uint64_t skew = skew_of(m.tls);
  if (!m.tls.is_static()) {
    tell_sanitizers_of_end(block, m.tls.size.value);
    heap::release(static_cast<char*>(block) - skew, skew + m.tls.size.value, m.tls.alignment);
  }
  block = nullptr;
}

// The calling thread's block of the opened module, made now.
void* make_block(uint64_t id) {
  ThreadRecord* record = own_record();
  if (record == nullptr) give_up("ld-seal: out of memory for thread-local storage\n");
  Held held(threads_lock);
  const Module* m = module_of(id);
  if (m == nullptr) give_up("ld-seal: thread-local storage of a closed object is used\n");
  if (!widen_table(*record, id)) give_up("ld-seal: out of memory for thread-local storage\n");
  void*& block = record->table->blocks()[id];
  if (block != nullptr) return block;  // a signal handler was here first
  void* made = m->tls.is_static() ? static_block(*m, thread_pointer()).as<void>() : new_block(*m);
  if (made == nullptr) give_up("ld-seal: out of memory for thread-local storage\n");
  __atomic_store_n(&block, made, __ATOMIC_RELEASE);
  if (id < kTlsSlots) __atomic_store_n(&thread_words().slots[id], made, __ATOMIC_RELEASE);
  return made;
}

char* at(void* block, uint64_t offset) {
  return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(block) + offset);
}

// A module word of libc's own objects, in our numbering.
void* address_in_libcs(uint64_t word, uint64_t offset) {
  using Query = void*(const TlsIndex*);
  auto* query = reinterpret_cast<Query*>(libc_function(process, "__tls_get_addr").value);
  TlsIndex index{word - kLibcsIds, offset};
  return query == nullptr ? nullptr : query(&index);
}

// An id that is free; 0: no memory. Without room for slots, those that have one are nobody's.
uint32_t free_id() {
  size_t first = tls.layout.room == TlsRoom::kForOpened ? 1 : kTlsSlots;
  while (tls.opened.size() < first) {
    if (!tls.opened.add({})) return 0;
  }
  for (size_t id = first; id < tls.opened.size(); ++id) {
    if (tls.opened[id].module == nullptr && !tls.opened[id].is_lost)
      return static_cast<uint32_t>(id);
  }
  if (tls.opened.size() >= kMostOpenedIds || !tls.opened.add({})) return 0;
  return static_cast<uint32_t>(tls.opened.size() - 1);
}

// Ends the thread's block of `m`. False: its slot still points there.
bool release_in(ThreadRecord& thread, const Module& m) {
  uint32_t id = m.tls.opened_id;
  BlockTable* table = thread.table;
  if (table == nullptr || id >= table->capacity || table->blocks()[id] == nullptr) return true;
  release_block(m, table->blocks()[id]);
  if (id >= kTlsSlots) return true;
  if (thread.pointer == 0) return false;
  words_at(thread.pointer).slots[id] = nullptr;
  return true;
}

}  // namespace

void set_up_dynamic_tls(const TlsLayout& layout, Arena& permanent) {
  const List<Module*>& modules = process.graph.modules;
  auto* offsets = permanent.make_zeroed_array<int64_t>(modules.size() + 1);
  for (const Module* m : modules) offsets[module_word(*m, modules.size())] = m->tls.offset;
  tls.layout = layout;
  tls.start_up_modules = modules.size();
  tls.first_opened = modules.size() + 1;
  tls.slots = layout.words + static_cast<int64_t>(offsetof(ThreadWords, slots)) -
              static_cast<int64_t>(tls.first_opened * sizeof(void*));
  tls.start_up_offsets = offsets;
  set_up_threads(layout);
}

TlsAccess tls_access_for_opens() {
  return {Address(tls_descriptor_static), Address(tls_descriptor_undefined_weak),
          Address(tls_descriptor_opened), require_static, tls.start_up_modules};
}

Status adopt_tls(Module& m) {
  if (m.tls.size.value == 0) return {};
  prepare_register_saving(process.stack.value(AT_HWCAP));
  Held held(threads_lock);
  if (m.tls.alignment > kLargestBlock) return too_large(m, "PT_TLS p_align", m.tls.alignment);
  uint32_t id = m.tls.size.value > kLargestBlock ? 0 : free_id();
  if (id == 0) return too_large(m, "PT_TLS p_memsz", m.tls.size.value);
  m.tls.opened_id = id;
  tls.opened[id].module = &m;
  return {};
}

void publish_tls(Module& m) {
  if (m.tls.opened_id == 0) return;
  own_record();
  Held held(threads_lock);
  tls.opened[m.tls.opened_id].is_published = true;
  if (m.tls.is_static()) write_everywhere(m);
}

void release_tls(Module& m) {
  if (m.tls.opened_id == 0) return;
  Held held(threads_lock);
  bool is_lost = false;
  for_each_thread([&](ThreadRecord& thread) { is_lost |= !release_in(thread, m); });
  if (m.tls.is_static()) {
    tls.surplus.give_back(static_cast<uint64_t>(m.tls.offset - tls.layout.surplus), m.tls.size);
    --tls.in_surplus;
  }
  tls.opened[m.tls.opened_id] = {nullptr, false, is_lost};
  m.tls.opened_id = 0;
  m.tls.offset = 0;
}

void start_with_initial_values() {
  if (tls.in_surplus == 0) return;
  for (const Adopted& o : tls.opened) {
    if (o.module != nullptr && o.is_published && o.module->tls.is_static())
      write_initial_values(*o.module, static_block(*o.module, thread_pointer()));
  }
}

void release_blocks(ThreadRecord& record) {
  for (uint64_t id = 0; record.table != nullptr && id < record.table->capacity; ++id) {
    if (const Module* m = module_of(id)) release_block(*m, record.table->blocks()[id]);
  }
  for (BlockTable* table = record.table; table != nullptr;) {
    BlockTable* before = table->before;
    heap::release(table, sizeof(BlockTable) + table->capacity * sizeof(void*));
    table = before;
  }
  record.table = nullptr;
}

void* tls_data(const Module& m) {
  if (m.tls.size.value == 0) return nullptr;
  if (m.tls.is_static()) return static_block(m, thread_pointer()).as<void>();
  const ThreadWords& words = thread_words();
  uint32_t id = m.tls.opened_id;
  return id < words.block_count ? words.blocks[id] : nullptr;
}

void* tls_address(const Module& m, uint64_t offset) {
  void* block = tls_data(m);
  return at(block == nullptr ? make_block(m.tls.opened_id) : block, offset);
}

uint64_t public_tls_id(const Module& m) {
  return m.tls.size.value == 0 ? 0 : module_word(m, tls.start_up_modules);
}

uint64_t public_id_of_libcs(uint64_t id_in_libc) {
  return id_in_libc == 0 ? 0 : kLibcsIds + id_in_libc;
}

}  // namespace ldseal

using namespace ldseal;

// What the fast path has no block for.
[[gnu::noinline]] static void* tls_address_slowly(uint64_t word, uint64_t offset) {
  if (word >= kLibcsIds) return address_in_libcs(word, offset);
  return at(make_block(word - tls.first_opened), offset);
}

// The offset from the thread pointer, for a descriptor.
extern "C" uint64_t tls_offset_slowly(uint64_t argument) {
  void* block = make_block(descriptor_id(argument));
  return reinterpret_cast<uintptr_t>(block) + descriptor_offset(argument) - thread_pointer();
}

void* __tls_get_addr(const TlsIndex* index) {
  uint64_t word = index->module, offset = index->offset;
  uintptr_t pointer = thread_pointer();
  uint64_t id = word - tls.first_opened;  // wraps for a start-up module
  if (id < kTlsSlots) [[likely]] {
    uintptr_t slot = pointer + static_cast<uintptr_t>(tls.slots) + word * sizeof(void*);
    if (void* block = *reinterpret_cast<void**>(slot)) [[likely]]
      return at(block, offset);
    return tls_address_slowly(word, offset);
  }
  if (word <= tls.start_up_modules)
    return reinterpret_cast<void*>(pointer + static_cast<uint64_t>(tls.start_up_offsets[word]) +
                                   offset);
  const ThreadWords& words = words_at(pointer);
  if (id < words.block_count && words.blocks[id] != nullptr) return at(words.blocks[id], offset);
  return tls_address_slowly(word, offset);
}
