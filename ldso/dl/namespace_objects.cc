// See namespace_objects.h.
#include "ldso/dl/namespace_objects.h"

#include "ldso/abi/dlfcn.h"
#include "ldso/base/lifetime.h"
#include "ldso/base/text.h"
#include "ldso/dl/constructors.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/post_order.h"
#include "ldso/dl/vdso.h"
#include "ldso/image/map_file.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

LDSEAL_RECORD constinit RecordList<NamespaceObject> objects;

const LinkMap* first_of(const LinkMap& map) {
  const LinkMap* first = &map;
  while (first->l_prev != nullptr) first = first->l_prev;
  return first;
}

uint64_t vdso_bias() {
  const Module* vdso = described_vdso();
  return vdso == nullptr ? 0 : vdso->bias.value;
}

bool is_known(const LinkMap* map) {
  for (const NamespaceObject& known : objects) {
    if (known.map == map) return true;
  }
  return false;
}

// Objects that are described already: libc, its rtld, which is in every namespace, the vDSO. And
// the stand-in, which is none.
bool is_start_ups(const LinkMap& map) {
  for (const Module* m : process.graph.modules) {
    if (m->bias.value == map.l_addr) return true;
  }
  bool is_stand_in = &map == process.runtime.rendezvous->r_map;
  return is_stand_in || map.l_ld == nullptr || map.l_addr == vdso_bias();
}

// The ELF header in memory; null if it is not where an object begins.
const Ehdr* image_of(const LinkMap& map) {
  using Ask = int(const void*, AddressInfo*);
  auto* ask = reinterpret_cast<Ask*>(libc_function("dladdr").value);
  AddressInfo info = {};
  if (ask == nullptr || ask(map.l_ld, &info) == 0) return nullptr;
  const auto* header = static_cast<const Ehdr*>(info.file_base);
  return __builtin_memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 ? header : nullptr;
}

Module* describe(const LinkMap& map, Arena& arena) {
  const Ehdr* image = image_of(map);
  if (image == nullptr) return nullptr;
  Address headers = Address(image) + ByteCount(image->e_phoff);
  auto* module = arena.make<Module>();
  module->path = arena.copy(map.l_name);
  Status described = describe_in_memory(*module, {headers.as<const Phdr>(), image->e_phnum},
                                        LoadBias(map.l_addr), process.page, arena);
  return described ? module : nullptr;
}

void note(const LinkMap& map, const LinkMap* first) {
  DlopenGroup& group = begin_group();
  Module* module = describe(map, group.arena);
  if (module == nullptr) return end_if_empty(group);
  group.live = 1;
  bool is_noted = group.arena.make_read_only() && objects.add({&map, first, module, &group, false});
  if (!is_noted) die_out_of_memory();
}

bool is_loaded(const NamespaceObject& object) {
  const auto* lists = reinterpret_cast<const ExtendedRendezvous*>(process.runtime.rendezvous);
  bool shows_others = lists->base.r_version >= kExtendedRendezvous;
  for (; lists != nullptr; lists = shows_others ? lists->r_next : nullptr) {
    for (const LinkMap* map = lists->base.r_map; map != nullptr; map = map->l_next) {
      if (map == object.map) return true;
    }
  }
  return !shows_others;  // before glibc 2.35: nothing says so
}

NamespaceObject& object_of(const Module& m) {
  for (NamespaceObject& object : objects) {
    if (object.module == &m) return object;
  }
  __builtin_unreachable();  // the walk meets these alone
}

// The objects of one namespace, and what they need of it.
class NamespaceGraph {
 public:
  explicit NamespaceGraph(const LinkMap* first) : first_(first) {}

  bool enter(Module& m) {
    NamespaceObject& object = object_of(m);
    bool is_first_time = !object.is_entered;
    object.is_entered = true;
    return is_first_time;
  }
  Module* dependency(const Module& m, size_t i) {
    size_t number = 0;
    Module* found = nullptr;
    (void)for_each_needed(m, [&](const char* name) -> Status {
      Module* needed = find(name);
      if (needed != nullptr && number++ == i) found = needed;
      return {};
    });
    return found;
  }

 private:
  Module* find(const char* name) const {
    for (const NamespaceObject& object : objects) {
      const Module& m = *object.module;
      bool has_name = m.soname != nullptr && equal(m.soname, name);
      if (object.first == first_ && (has_name || equal(m.path, name))) return object.module;
    }
    return nullptr;
  }
  const LinkMap* first_;
};

// The reverse of the order in which each comes after what it needs.
List<Module*> destruction_order_in(const LinkMap* first, Arena& scratch) {
  NamespaceGraph graph(first);
  List<Module*> order, backwards;
  PostOrder walk(graph, order, scratch, scratch);
  for (size_t i = objects.size(); i > 0; --i) {
    const NamespaceObject& object = objects[i - 1];
    if (object.first == first && graph.enter(*object.module)) walk.walk_from(*object.module);
  }
  for (size_t i = order.size(); i > 0; --i) backwards.add(scratch, order[i - 1]);
  return backwards;
}

// The namespace that was made last comes first.
List<Module*> destruction_order_of_all(Arena& scratch) {
  List<Module*> all;
  for (size_t i = objects.size(); i > 0; --i) {
    const LinkMap* first = objects[i - 1].first;
    if (objects[i - 1].is_entered) continue;
    for (Module* m : destruction_order_in(first, scratch)) all.add(scratch, m);
  }
  return all;
}

List<Module*> order_at_end(bool are_all_noted, Arena& scratch) {
  LockGuard guard(dl_lock);
  RecordChange change;
  const Rendezvous* libcs = process.runtime.rendezvous;
  if (!are_all_noted && libcs != nullptr && libcs->r_map != nullptr)
    note_namespace_objects(*libcs->r_map);
  return destruction_order_of_all(scratch);
}

}  // namespace

std::span<const NamespaceObject> note_namespace_objects(const LinkMap& map) {
  size_t known = objects.size();
  const LinkMap* first = first_of(map);
  for (const LinkMap* one = first; one != nullptr; one = one->l_next) {
    if (!is_known(one) && !is_start_ups(*one)) note(*one, first);
  }
  return {objects.begin() + known, objects.end()};
}

void forget_closed_namespace_objects() {
  for (size_t i = objects.size(); i > 0; --i) {
    if (is_loaded(objects[i - 1])) continue;
    NamespaceObject gone = objects[i - 1];
    objects.remove_if([&](const NamespaceObject& one) { return one.map == gone.map; });
    gone.group->live = 0;
    end_if_empty(*gone.group);
  }
}

void destroy_namespace_objects() {
  bool are_all_noted =
      process.runtime.family != LibcFamily::kGlibc || process.runtime.rtld.open != nullptr;
  if (are_all_noted && objects.empty()) return;
  TemporaryArena scratch;
  for (Module* m : order_at_end(are_all_noted, scratch)) {
    if (are_destructors_its_own(*m)) destroy(*m, process);
  }
}

}  // namespace ldseal
