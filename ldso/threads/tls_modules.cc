// See tls_modules.h.
#include "ldso/threads/tls_modules.h"

#include "arch/native.h"
#include "ldso/base/lifetime.h"
#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_blocks.h"
#include "ldso/threads/tls_surplus.h"

// arch/<m>/tls.S: the resolvers of descriptors.
extern "C" const char tls_descriptor_static[];
extern "C" const char tls_descriptor_undefined_weak[];
extern "C" const char tls_descriptor_opened[];

namespace ldseal {

LDSEAL_FINAL constinit ModuleWords module_words = {};

namespace {

// What is known of an id. The id is free if `module` is null and it is not lost.
struct OpenedId {
  Module* module;
  bool is_published;  // the relocated image is final
  bool is_lost;       // a thread whose memory we do not write may still point to a block of this id
};

// All zero until start-up: ld-seal has no initialised data.
LDSEAL_FINAL constinit TlsLayout layout = {.alignment = 0, .room = TlsRoom::kNone};

struct TlsModules {
  RecordList<OpenedId> opened;  // by id; the id 0 is never used
  TlsSurplus surplus;
  size_t in_surplus;  // how many modules have a place there
};
LDSEAL_RECORD [[clang::no_destroy]] constinit TlsModules tls = {};

// Writes the initial values into every running thread, and into what libc copies for later threads.
void write_everywhere(const Module& m) {
  threads.for_each([&](ThreadRecord& thread) {
    if (thread.pointer != 0) write_initial_values(m, static_block(m, thread.pointer));
  });
  Address image = process.runtime.tls_image;
  if (image.value == 0) return;
  auto into = static_cast<uint64_t>(m.tls_offset() - layout.start);
  write_initial_values(m, image + ByteCount(into));
}

bool is_used_dynamically(uint32_t id) {
  bool used = false;
  threads.for_each([&](const ThreadRecord& thread) { used |= block_of(thread, id) != nullptr; });
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
  LockGuard held(threads_lock);
  if (m.tls.alignment > kTlsSurplusAlignment)
    return cannot_be_static(Fault::kTlsTooLarge, m, m.tls.alignment, kTlsSurplusAlignment);
  if (is_used_dynamically(m.tls.opened_id))
    return cannot_be_static(Fault::kTlsAlreadyDynamic, m, m.tls.size.value, 0);
  bool has_room = layout.room == TlsRoom::kForOpened;
  std::optional<uint64_t> place = has_room ? tls.surplus.take(m.tls) : std::nullopt;
  if (!place)
    return cannot_be_static(Fault::kTlsSurplusUsedUp, m, m.tls.size.value,
                            has_room ? tls.surplus.left().value : 0);
  m.changes->tls_offset = layout.surplus + static_cast<int64_t>(*place);
  ++tls.in_surplus;
  if (tls.opened[m.tls.opened_id].is_published) write_everywhere(m);
  return {};
}

// A free id; 0 if there is none or no memory. If ThreadArea has no slots, the ids that would have
// one are not used.
uint32_t free_id() {
  size_t first = layout.room == TlsRoom::kForOpened ? 1 : kTlsSlots;
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

// Releases the thread's block of `m`. False: the thread's slot still points there, because ld-seal
// does not write to that thread's memory.
bool release_in(ThreadRecord& thread, const Module& m) {
  uint32_t id = m.tls.opened_id;
  if (block_of(thread, id) == nullptr) return true;
  release_block(m, thread.table->blocks()[id]);
  if (id >= kTlsSlots) return true;
  if (thread.pointer == 0) return false;
  area_at(thread.pointer).slots[id] = nullptr;
  return true;
}

}  // namespace

void set_up_tls_modules(const TlsLayout& of_start_up, Arena& permanent) {
  const List<Module*>& modules = process.graph.modules;
  auto* offsets = permanent.make_zeroed_array<int64_t>(modules.size() + 1);
  for (const Module* m : modules) {
    if (m->tls.is_static()) offsets[module_word(*m, modules.size())] = m->tls.offset;
  }
  layout = of_start_up;
  tls.surplus.widen(layout.more_surplus);
  uint64_t first_opened = modules.size() + 1;
  int64_t slots = layout.words + static_cast<int64_t>(offsetof(ThreadArea, slots)) -
                  static_cast<int64_t>(first_opened * sizeof(void*));
  module_words = {modules.size(), offsets, first_opened, slots};
}

TlsAccess tls_access_for_opens() {
  return {Address(tls_descriptor_static), Address(tls_descriptor_undefined_weak),
          Address(tls_descriptor_opened), require_static, module_words.start_up_modules};
}

Status register_tls(Module& m) {
  if (m.tls.size.value == 0) return {};
  prepare_register_saving(process.stack.value(AT_HWCAP));
  LockGuard held(threads_lock);
  if (m.tls.alignment > kLargestBlock) return too_large(m, "PT_TLS p_align", m.tls.alignment);
  uint32_t id = m.tls.size.value > kLargestBlock ? 0 : free_id();
  if (id == 0) return too_large(m, "PT_TLS p_memsz", m.tls.size.value);
  m.tls.opened_id = id;
  tls.opened[id].module = &m;
  return {};
}

void publish_image(Module& m) {
  LockGuard held(threads_lock);
  tls.opened[m.tls.opened_id].is_published = true;
  if (m.has_static_tls()) write_everywhere(m);
}

void release_tls(const Module& m) {
  if (m.tls.opened_id == 0) return;
  LockGuard held(threads_lock);
  bool is_lost = false;
  threads.for_each([&](ThreadRecord& thread) { is_lost |= !release_in(thread, m); });
  if (m.has_static_tls()) {
    tls.surplus.give_back(static_cast<uint64_t>(m.tls_offset() - layout.surplus), m.tls.size);
    --tls.in_surplus;
  }
  tls.opened[m.tls.opened_id] = {nullptr, false, is_lost};
}

Module* tls_module(uint64_t id) { return id < tls.opened.size() ? tls.opened[id].module : nullptr; }

void start_with_initial_values() {
  if (tls.in_surplus == 0) return;
  for (const OpenedId& o : tls.opened) {
    if (o.module != nullptr && o.is_published && o.module->has_static_tls())
      write_initial_values(*o.module, static_block(*o.module, thread_pointer()));
  }
}

void release_blocks(ThreadRecord& record) {
  for (uint64_t id = 0; record.table != nullptr && id < record.table->capacity; ++id) {
    if (const Module* m = tls_module(id)) release_block(*m, record.table->blocks()[id]);
  }
  release_tables(record);
}

void* tls_data(const Module& m) {
  if (m.tls.size.value == 0) return nullptr;
  if (m.has_static_tls()) return static_block(m, thread_pointer()).as<void>();
  const ThreadArea& area = thread_area();
  uint32_t id = m.tls.opened_id;
  return id < area.block_count ? area.blocks[id] : nullptr;
}

uint64_t public_tls_id(const Module& m) {
  return m.tls.size.value == 0 ? 0 : module_word(m, module_words.start_up_modules);
}

uint64_t public_id_of_libcs(uint64_t id_in_libc) {
  return id_in_libc == 0 ? 0 : kLibcsIds + id_in_libc;
}

}  // namespace ldseal
