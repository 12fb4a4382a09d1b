// See opened.h.
#include "ldso/dl/opened.h"

#include <algorithm>

#include "ldso/base/lifetime.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/dl/vdso.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"

namespace ldseal {

constinit DlProgress dl_progress = {};
constinit RecursiveLock dl_lock;
constinit RecursiveLock list_lock;
LDSEAL_RECORD constinit DlopenedObjects dlopened;
LDSEAL_RECORD constinit ModuleTable module_table;

namespace {

bool answers_to(const Module& m, const char* name) {
  if (equal(m.path, name) || equal(m.needed_as, name)) return true;
  bool musl = process.runtime.family == LibcFamily::kMusl;  // which does not read DT_SONAME
  return m.soname != nullptr && !musl && equal(m.soname, name);
}

template <class T>
T* must_have(T* memory) {
  if (memory == nullptr) die_out_of_memory();
  return memory;
}

// Lists an object and all that it needs, breadth first, each object once.
class BreadthFirst {
 public:
  BreadthFirst(size_t object_count, Arena& scratch)
      : scratch_(scratch), seen_(scratch.make_zeroed_array<bool>(object_count)) {}

  void gather(Module& root) {
    add(root);
    for (size_t i = 0; i < found_.size(); ++i) {  // grows as we go
      for (Module* needed : found_[i]->needed) add(*needed);
    }
  }
  const List<Module*>& found() const { return found_; }

 private:
  void add(Module& m) {
    if (seen_[m.scope_position]) return;
    seen_[m.scope_position] = true;
    if (&m == process.graph.libc && &m != process.self) add(*process.self);
    found_.add(scratch_, &m);
  }
  Arena& scratch_;
  bool* seen_;
  List<Module*> found_;
};

bool is_unique(const UniqueSymbol& known, const SymbolQuery& query) {
  return known.hash == query.hash && equal(known.name, query.name);
}

// The definition of a unique symbol in a start-up object, if there is one. It is preferred, because
// references of start-up objects are bound to it already.
Definition start_up_unique(const SymbolQuery& query) {
  for (Module* m : process.scope_order) {
    const Sym* s = find_symbol(m->symbols(), query, ReferenceKind::kAddress);
    if (s != nullptr && symbol_binding(*s) == STB_GNU_UNIQUE) return {m, s};
  }
  return {};
}

// What the number of constructions has said so far.
void settle_lifecycles(HandleState* states) {
  const DlProgress& o = dl_progress;
  const List<Module*>& libraries = process.constructors;
  for (uint64_t number = 1; number <= o.constructions; ++number) {
    bool is_library = number <= libraries.size();
    const Module& m = is_library ? *libraries[number - 1] : *process.graph.program;
    bool is_unfinished = o.is_constructing && number == o.constructions;
    Lifecycle& life = *states[m.scope_position].life;
    life.construction = number;
    life.stage = is_unfinished ? Stage::kUnderConstruction : Stage::kConstructed;
  }
}

// In glibc's form, as dl/scope_trace.h has the rest of LD_DEBUG=scopes.
void log_new_in_global_scope(const Module& m) {
  trace::log(Topic::kScopes, {Event::kBlank});
  trace::log(Topic::kScopes, {Event::kIntoGlobalScope, {m.display_name()}});
}

}  // namespace

DlopenGroup& begin_group() {
  return *new (must_have(record_heap.allocate(sizeof(DlopenGroup), alignof(DlopenGroup))))
      DlopenGroup(process.page);
}

void end_if_empty(DlopenGroup& group) {
  if (group.live != 0) return;
  group.~DlopenGroup();
  record_heap.release(&group, sizeof(DlopenGroup), alignof(DlopenGroup));
}

// The vDSO as what can be opened and asked. What describes it is read-only by now; what opening
// changes is not.
static Module& opened_vdso() {
  LDSEAL_RECORD static constinit Module* opened = nullptr;
  if (opened != nullptr) return *opened;
  RecordChange change;
  DlopenGroup& group = begin_group();
  auto* module = group.arena.make<Module>(*described_vdso());
  DlopenState& state = add_state(*module, group, *module);
  module->link_map = described_vdso()->link_map;
  state.is_global = true;                   // its names are found by the handle alone
  state.life->stage = Stage::kConstructed;  // it has no constructors
  group.live = 1;
  if (!group.arena.make_read_only()) die_out_of_memory();
  return *(opened = module);
}

Module* loaded_by_name(const char* name) {
  const Process& p = process;
  bool musl = p.runtime.family == LibcFamily::kMusl;
  if (musl && contains(name, '/')) return nullptr;  // it is known by its file
  if (Module* m = p.graph.names.find(name)) return m;
  if (equal(p.self->soname, name) || equal(p.self->path, name)) return p.self;
  for (Module* m : dlopened.modules) {
    if (!is_removed(*m) && answers_to(*m, name)) return m;
  }
  const Module* vdso = described_vdso();
  return vdso != nullptr && equal(vdso->needed_as, name) ? &opened_vdso() : nullptr;
}

Module* loaded_by_file(FileIdentity identity) {
  const Graph& graph = process.graph;
  for (size_t i = 0; i < graph.identities.size(); ++i) {
    if (graph.identities[i] == identity) return graph.modules[i];
  }
  for (Module* m : dlopened.modules) {
    if (!is_removed(*m) && m->identity == identity) return m;
  }
  return nullptr;
}

size_t object_count() {
  size_t count = process.scope_order.size();
  for (const Module* m : dlopened.modules) {
    if (m->scope_position >= count) count = size_t{m->scope_position} + 1;
  }
  return count;
}

// An outer dlopen may be in the middle of linking: then a resolver of its objects has called this.
std::span<Module* const> number_objects(std::span<Module* const> group, Arena& scratch) {
  const List<Module*>& start_up = process.scope_order;
  List<Module*> loaded;
  for (Module* m : dlopened.modules) loaded.add(scratch, m);
  for (const DlopenGroup* outer = dlopened.incoming; outer != nullptr; outer = outer->next_incoming)
    for (Module* m : outer->incoming) loaded.add(scratch, m);
  size_t count = start_up.size();
  for (const Module* m : loaded) count = std::max<size_t>(count, m->scope_position + 1);
  auto** numbering = scratch.make_zeroed_array<Module*>(count + group.size());
  for (Module* m : start_up) numbering[m->scope_position] = m;
  for (Module* m : loaded) numbering[m->scope_position] = m;
  uint32_t next = 0;
  for (Module* m : group) {
    while (numbering[next] != nullptr) ++next;
    m->scope_position = next;
    numbering[next] = m;
  }
  return {numbering, count + group.size()};
}

SearchList make_search_list(Module& root, size_t object_count) {
  TemporaryArena scratch;
  BreadthFirst walk(object_count, scratch);
  walk.gather(root);
  SearchList list = make_list({walk.found().begin(), walk.found().size()});
  put_filtees_first({list.modules, list.size}, scratch);
  return list;
}

SearchList make_list(std::span<Module* const> modules) {
  SearchList list;
  list.size = modules.size();
  list.modules =
      must_have(static_cast<Module**>(record_heap.allocate(list.size * sizeof(Module*))));
  for (size_t i = 0; i < list.size; ++i) list.modules[i] = modules[i];
  return list;
}

Lifecycle* new_lifecycles(size_t count) {
  return must_have(static_cast<Lifecycle*>(heap.allocate(count * sizeof(Lifecycle))));
}

void keep_states_of_start_up() {
  DlopenedObjects& o = dlopened;
  if (o.start_up != nullptr) return;
  size_t count = process.scope_order.size();
  RecordChange change;
  auto* states = static_cast<HandleState*>(record_heap.allocate(count * sizeof(HandleState)));
  Lifecycle* lives = new_lifecycles(count);
  for (size_t i = 0; i < count; ++i) must_have(states)[i].life = lives + i;
  settle_lifecycles(states);
  __atomic_store_n(&o.start_up, states, __ATOMIC_RELEASE);
}

HandleState& handle_state(Module& m) {
  if (m.dlopen_state != nullptr) return *m.dlopen_state;
  keep_states_of_start_up();
  return dlopened.start_up[m.scope_position];
}

static std::span<Module* const> settled_order(const Module& m) {
  if (m.dlopen_state != nullptr) return m.dlopen_state->settled_order.span();
  if (dlopened.start_up == nullptr) return {};
  return dlopened.start_up[m.scope_position].settled_order.span();
}

std::span<Module* const> dependencies(const Module& m) {
  std::span<Module* const> settled = settled_order(m);
  return settled.empty() ? std::span<Module* const>{m.needed.begin(), m.needed.size()} : settled;
}

void note_binding(Module& m, Module& other, std::span<Module* const> needs) {
  if (!m.dlopen_state->bound_to.add(&other)) die_out_of_memory();
  for (const Module* needed : needs) {
    if (needed == &other) return;
  }
  m.dlopen_state->is_bound_beyond_needs = true;
}

SearchList& search_list_of(Module& m) {
  SearchList& list = handle_state(m).search_list;
  if (list.modules == nullptr) {
    RecordChange change;
    list = make_search_list(m, object_count());
  }
  return list;
}

void release(SearchList& list) {
  record_heap.release(list.modules, list.size * sizeof(Module*));
  list = {};
}

DlopenState& add_state(Module& m, DlopenGroup& group, Module& root) {
  void* memory = must_have(record_heap.allocate(sizeof(DlopenState), alignof(DlopenState)));
  auto& state = *new (memory) DlopenState();
  state.group = &group;
  state.root = &root;
  state.needed_by = m.needed_by;
  state.tls_offset = m.tls.offset;
  state.life = new_lifecycles(1);
  describe_link_map(state.link_map, m);
  m.link_map = &state.link_map;
  m.dlopen_state = &state;
  m.changes = &state;
  return state;
}

void release_state(const Module& m) {
  DlopenState& state = *m.dlopen_state;
  release_lists(state);
  state.bound_to.release();
  heap.release(state.life, sizeof(Lifecycle));
  record_heap.release(&state, sizeof(DlopenState), alignof(DlopenState));
}

bool is_opened_object(const Module* m) {
  for (const Module* published : dlopened.modules) {
    if (published == m) return true;
  }
  for (const DlopenGroup* group = dlopened.incoming; group != nullptr; group = group->next_incoming)
    for (const Module* incoming : group->incoming) {
      if (incoming == m) return true;
    }
  return false;
}

bool is_removed(const Module& m) {
  return m.dlopen_state != nullptr && m.dlopen_state->life->is_removed;
}

void release_lists(HandleState& state) {
  release(state.search_list);
  release(state.settled_order);
}

Module* module_of_handle(const void* handle) {
  for (Module* m : process.scope_order) {
    if (m->link_map == handle) return m;
  }
  for (Module* m : dlopened.modules) {
    if (m->link_map == handle) return m;
  }
  const Module* vdso = described_vdso();
  return vdso != nullptr && vdso->link_map == handle ? &opened_vdso() : nullptr;
}

bool is_handle_of_ours(const void* handle) {
  for (const Module* m : process.scope_order) {
    if (m->link_map == handle) return true;
  }
  const Module* vdso = described_vdso();
  return module_table.has(handle) || (vdso != nullptr && vdso->link_map == handle);
}

Module* object_at(Address address) {
  if (Module* m = module_at(address)) return m;
  for (Module* m : dlopened.modules) {
    if (m->span.contains(address)) return m;
  }
  return nullptr;
}

void make_global(Module& root) {
  DlopenedObjects& o = dlopened;
  for (Module* m : search_list_of(root).span()) {
    if (m->dlopen_state == nullptr || m->dlopen_state->is_global) continue;
    if (!o.global.add(m)) die_out_of_memory();
    m->dlopen_state->is_global = true;
    log_new_in_global_scope(*m);
  }
}

void pin(Module& m) {
  if (m.dlopen_state == nullptr || m.dlopen_state->is_nodelete) return;
  RecordChange change;
  m.dlopen_state->is_nodelete = m.dlopen_state->is_pinned = true;
}

Definition unique_definition(const Definition& found, const SymbolQuery& query) {
  DlopenedObjects& o = dlopened;
  if (found.module->dlopen_state == nullptr) return found;
  for (const UniqueSymbol& known : o.unique) {
    if (is_unique(known, query)) return known.definition;
  }
  RecordChange change;
  Definition chosen = start_up_unique(query);
  if (!chosen.is_there()) {
    chosen = found;
    pin(*found.module);
  }
  const char* name = chosen.module->symbols().name(*chosen.symbol);
  if (!o.unique.add({name, query.hash, chosen})) die_out_of_memory();
  return chosen;
}

}  // namespace ldseal
