// A group of objects is prepared out of sight and published as a whole, so a failure leaves nothing
// behind. Its constructors run after that, with dl_lock held, as in glibc.
#include "ldso/dl/open.h"

#include <asm/errno.h>
#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/dl/constructors.h"
#include "ldso/dl/dlerror.h"
#include "ldso/dl/list_change.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/opened_order.h"
#include "ldso/dl/opened_seals.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/dl/scope_trace.h"
#include "ldso/image/isa_level.h"
#include "ldso/image/relro.h"
#include "ldso/link/dynamic_section.h"
#include "ldso/link/linker.h"
#include "ldso/link/version_check.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"
#include "ldso/threads/dynamic_tls.h"
#include "ldso/threads/tls_modules.h"

// arch/<m>/lazy.S
extern "C" const char bind_at_first_call[];

namespace ldseal {
namespace {

// One call of dlopen. Until `publish` no other code can see the new objects. The destructor undoes
// what is not published.
class DlopenCall {
 public:
  DlopenCall(Process& p, OpenMode mode)
      : p_(p),
        mode_(mode),
        group_(&begin_group()),
        search_(settings_for_later(), *p.graph.program, group_->arena),
        builder_(graph_, search_, LibcHandling::kFoundOnly, group_->arena) {
    graph_.program = p.graph.program;
    graph_.libc = p.graph.libc;
    graph_.libc_rtld = p.graph.libc_rtld;
    builder_.build_upon(loaded_);
  }
  ~DlopenCall() {
    search_.release_cache();
    if (!is_published_) undo();
    end_if_empty(*group_);
  }
  DlopenCall(const DlopenCall&) = delete;
  DlopenCall& operator=(const DlopenCall&) = delete;

  // Finds and maps the object itself. Null: kNoLoad is given, and the object is not loaded.
  Result<Module*> find(const char* name, Module& caller);
  // Does everything between finding the object and running its constructors.
  Status complete(Module& root);
  // The objects that this call loads, in the order of loading.
  std::span<Module* const> group() const { return {graph_.modules.begin(), graph_.modules.size()}; }

 private:
  Status check_needs();
  void describe(Module& root);
  Status link(Module& root);
  Status relocate(Linker& linker, Providers& providers);
  std::span<Module* const> search_order(Module& root, size_t object_count);
  Status protect() const;
  Status make_room();
  void begin_incoming();
  void end_incoming();
  void publish();
  void undo();

  Process& p_;
  OpenMode mode_;
  DlopenGroup* group_;
  TemporaryArena scratch_;
  Graph graph_;  // the objects that this call loads
  LoadedObjects loaded_ = {loaded_by_name, loaded_by_file};
  LibrarySearch search_;
  GraphBuilder builder_;
  bool is_published_ = false;
};

Result<Module*> DlopenCall::find(const char* name, Module& caller) {
  bool musl = search_.settings().rules == LibcRules::kMusl;
  Module& asking = musl ? *p_.graph.program : caller;
  const char* kept = group_->arena.copy(name);
  auto find = mode_.has(OpenMode::kNoLoad) ? &GraphBuilder::find_loaded : &GraphBuilder::open;
  Result<Module*> found = (builder_.*find)(kept, asking);
  if (found) return found;
  bool is_one_file = contains(std::string_view(name), '/');
  Error e = found.error();
  if (is_one_file && e.fault == Fault::kLibraryNotFound) {
    // A search passes over objects of another class; of the one file that was asked for just that
    // is the error. One for another machine is for both libcs not there.
    Result<ElfFile> again = ElfFile::open(kept, p_.page, scratch_);
    if (!again && again.error().fault != Fault::kBadMachine) e = again.error();
  }
  e.name = kept;
  if (musl && e.fault == Fault::kLibraryNotFound)
    e.fault = Fault::kCannotOpen;  // no object needs it
  return e;
}

Status DlopenCall::complete(Module& root) {
  // From now on the program stands for the caller: the caller may be closed first, and its run
  // paths do not count for what the object needs.
  root.needed_by = p_.graph.program;
  if (Status s = builder_.load_needed(); !s) return s;
  for (Module* m : group()) search_.settle_origin(*m);
  if (Status s = check_needs(); !s) return s;
  describe(root);
  if (Status s = link(root); !s) return s;
  if (Status s = make_room(); !s) return s;
  if (Status s = group_->arena.make_read_only(); !s) return s;
  if (Status s = seal_pinned(group()); !s) return s;
  publish();
  return {};
}

// Versions, and the processor's level. musl knows neither.
Status DlopenCall::check_needs() {
  if (p_.runtime.family == LibcFamily::kMusl) return {};
  auto find = [](const char* name, void* context) -> Module* {
    Module* m = static_cast<Graph*>(context)->names.find(name);
    return m != nullptr ? m : loaded_by_name(name);
  };
  for (const Module* m : group()) {
    if (Status s = check_versions(*m, find, &graph_); !s) return s;
    if (Status s = check_isa_level(*m); !s) return s;
  }
  return {};
}

void DlopenCall::describe(Module& root) {
  bool unloads_nothing = p_.runtime.family == LibcFamily::kMusl;
  bool all_stay = unloads_nothing || p_.policy.seals(SealClass::kDlopen);
  for (Module* m : group()) {
    DlopenState& state = add_state(*m, *group_, root);
    state.is_nodelete =
        (m->dynamic.flags_1 & DF_1_NODELETE) != 0 || (m == &root && mode_.has(OpenMode::kNoDelete));
    state.is_pinned = state.is_nodelete || all_stay;
  }
}

// From here on `group` may run code: resolvers of IFUNC symbols.
void DlopenCall::begin_incoming() {
  group_->incoming = group();
  group_->next_incoming = dlopened.incoming;
  __atomic_store_n(&dlopened.incoming, group_, __ATOMIC_RELEASE);
}

void DlopenCall::end_incoming() {
  if (dlopened.incoming == group_) dlopened.incoming = group_->next_incoming;
  group_->incoming = {};
}

// The scope of the new objects: the global scope, then the object that is opened and all that it
// needs. RTLD_DEEPBIND reverses the two parts.
std::span<Module* const> DlopenCall::search_order(Module& root, size_t object_count) {
  root.dlopen_state->search_list = make_search_list(root, object_count);
  auto* is_in = scratch_.make_zeroed_array<bool>(object_count);
  List<Module*> order;
  auto add = [&](Module* m) {
    if (is_in[m->scope_position]) return;
    is_in[m->scope_position] = true;
    order.add(scratch_, m);
  };
  auto add_local = [&] {
    for (Module* m : root.dlopen_state->search_list.span()) add(m);
  };
  if (mode_.has(OpenMode::kDeepBind)) add_local();
  for (Module* m : p_.scope_order) add(m);
  for (Module* m : dlopened.global) {
    if (!is_removed(*m)) add(m);
  }
  add_local();
  return {order.begin(), order.size()};
}

Status DlopenCall::link(Module& root) {
  std::span<Module* const> numbering = number_objects(group(), scratch_);
  begin_incoming();
  Scope scope(p_.weak);
  scope.build_over_numbered(search_order(root, numbering.size()), estimate_references(group()),
                            scratch_);
  for (Module* m : group()) {
    if (m->tls.size.value == 0) continue;
    if (Status s = register_tls(*m); !s) return s;
  }
  Providers providers(numbering.size(), scratch_);
  bool binds_late = mode_.has(OpenMode::kLazy) && !mode_.has(OpenMode::kNow) && !p_.binds_now;
  Address late_entry = binds_late ? Address(bind_at_first_call) : Address(0);
  LinkPolicy policy{numbering, unique_definition, &providers, late_entry};
  TlsAccess tls = tls_access_for_opens();
  Linker linker(scope, policy, tls, p_.hwcap, p_.hwcap2, p_.page, scratch_);
  if (Status s = relocate(linker, providers); !s) return s;
  if (!linker.missing().empty()) return linker.missing()[0];
  linker.apply_indirect();
  for (Module* m : group()) {
    if (m->tls.size.value != 0) publish_tls(*m);
  }
  for (Module* m : group()) {
    if (Status s = check_constructors(*m, group()); !s) return s;
    keep_destructors(*m, group_->arena);
  }
  return protect();
}

Status DlopenCall::relocate(Linker& linker, Providers& providers) {
  for (size_t i = group().size(); i > 0; --i) {
    Module& m = *group()[i - 1];
    if (Status s = linker.relocate(m); !s) return s;
    bool is_root = m.dlopen_state->root == &m;
    auto needs = is_root ? m.dlopen_state->search_list.span() : dependencies(m);
    for (Module* other : providers.found()) {
      bool never_leaves = other->dlopen_state == nullptr || other->dlopen_state->is_nodelete;
      if (other != &m && !never_leaves) note_binding(m, *other, needs);
    }
    providers.clear();
  }
  return {};
}

Status DlopenCall::protect() const {
  bool glibc = p_.runtime.family == LibcFamily::kGlibc;
  for (const Module* m : group()) {
    if (glibc) make_dynamic_absolute(*m);
    Status s = protect_relro(relro_and_hole(m->segments, m->bias, m->holes_are_guarded, p_.page),
                             m->display_name());
    if (!s) return s;
  }
  return {};
}

// Reserves all memory that publishing needs, so that it cannot fail half-way.
Status DlopenCall::make_room() {
  DlopenedObjects& o = dlopened;
  size_t count = o.modules.size() + group().size();
  if (o.modules.reserve(count) && o.global.reserve(count) && module_table.reserve(count)) return {};
  Error e = fault(Fault::kCannotMap);
  e.object = group().empty() ? nullptr : group()[0]->display_name();
  e.error_number = ENOMEM;
  e.found = count * sizeof(Module*);
  return e;
}

void DlopenCall::publish() {
  DlopenedObjects& o = dlopened;
  group_->live += group().size();
  ListChange change(ChangeOfLists::kAny);
  announce(RendezvousState::kAdd);
  [[maybe_unused]] bool added = o.modules.add_all(group());  // make_room() has reserved it
  for (Module* m : group()) append_link_map(*m->link_map);
  o.adds += group().size();
  module_table.replace({o.modules.begin(), o.modules.size()});
  is_published_ = true;
  end_incoming();
  announce(RendezvousState::kConsistent);
}

void DlopenCall::undo() {
  end_incoming();
  for (Module* m : group()) {
    dlopened.unique.remove_if(
        [m](const UniqueSymbol& known) { return known.definition.module == m; });
    if (m->tls.opened_id != 0) release_tls(*m);
    if (m->dlopen_state != nullptr) release_state(*m);
    Mapping::owning(m->span);  // unmaps the object
  }
}

// Applies RTLD_NODELETE to an object that is loaded already.
Status keep_for_good(Module& root) {
  if (root.dlopen_state == nullptr || root.dlopen_state->is_nodelete) return {};
  bool was_pinned = root.dlopen_state->is_pinned;
  root.dlopen_state->is_pinned = true;
  Status sealed = was_pinned ? Status() : seal_pinned({});
  root.dlopen_state->is_pinned = was_pinned || sealed;
  root.dlopen_state->is_nodelete = static_cast<bool>(sealed);
  return sealed;
}

void settle_order(SearchList& settled, const List<Module*>& order, Arena& scratch) {
  List<Module*> backwards;
  for (size_t i = order.size(); i > 0; --i) backwards.add(scratch, order[i - 1]);
  settled = make_list({backwards.begin(), backwards.size()});
}

void record_opening(Module& root, OpenMode mode) {
  ++handle_state(root).handles;
  if (mode.has(OpenMode::kGlobal)) make_global(root);
}

// The object's own constructors and those of all that it needs, as far as they have not begun. The
// objects may be loaded already: a constructor may have opened them that runs before theirs, and
// they may be start-up's. glibc asks once, when the object itself is first opened; who opens it
// again meanwhile does not wait for its constructors. musl asks until they are through.
List<Module*> those_to_construct(Module& root, IsLoaded when, std::span<Module* const> brought,
                                 Arena& scratch) {
  keep_states_of_start_up();
  HandleState& state = handle_state(root);
  List<Module*> all;
  bool was_opened = state.settled_order.size != 0;
  bool is_musl = process.runtime.family == LibcFamily::kMusl;
  if (is_musl ? state.life->stage >= Stage::kConstructed : was_opened) return all;
  RecordChange change;
  List<Module*> order = construction_order(root, when, object_count(), scratch);
  if (!was_opened && !is_musl) settle_order(state.settled_order, order, scratch);
  if (Module* first = first_to_initialise(brought)) all.add(scratch, first);
  for (Module* m : order) {
    if (m->kind == ModuleKind::kLibrary) all.add(scratch, m);
  }
  return all;
}

void construct_all(const List<Module*>& modules) {
  for (Module* m : modules) construct_once(*m);
}

// dlopen of an object that is loaded already.
Module* open_again(Module& root, OpenMode mode, List<Module*>& to_construct, Arena& scratch) {
  Status kept = mode.has(OpenMode::kNoDelete) ? keep_for_good(root) : Status();
  if (!kept) {
    set_dl_error(kept.error());
    return nullptr;
  }
  record_opening(root, mode);
  to_construct = those_to_construct(root, IsLoaded::kBefore, {}, scratch);
  return &root;
}

// All of dlopen that comes before constructors.
Module* load_object(Module& caller, const char* name, OpenMode mode, List<Module*>& to_construct,
                    Arena& scratch) {
  RecordChange change;
  if (Module* known = loaded_by_name(name)) return open_again(*known, mode, to_construct, scratch);
  DlopenCall call(process, mode);
  Result<Module*> root = call.find(name, caller);
  if (!root) {
    set_dl_error(root.error());
    return nullptr;
  }
  if (*root == nullptr) return nullptr;
  if (call.group().empty()) return open_again(**root, mode, to_construct, scratch);
  if (Status s = call.complete(**root); !s) {
    set_dl_error(s.error());
    return nullptr;
  }
  trace_scopes_of_opened(**root);
  record_opening(**root, mode);
  to_construct = those_to_construct(**root, IsLoaded::kJustNow, call.group(), scratch);
  return *root;
}

}  // namespace

Module* open_object(Module& caller, const char* name, OpenMode mode) {
  TemporaryArena scratch;
  List<Module*> to_construct;
  Module* opened = load_object(caller, name, mode, to_construct, scratch);
  if (opened == nullptr) return nullptr;
  construct_all(to_construct);
  return opened;
}

}  // namespace ldseal
