// The objects that dlopen(3) has opened. All state that changes after start-up is here, because the
// descriptions of start-up objects are sealed. It is changed with dl_lock held, and within a
// RecordChange (mem/records.h); the lists that dl_iterate_phdr(3) walks over are changed with
// list_lock held, too.
#pragma once

#include "ldso/abi/link.h"
#include "ldso/dl/lifecycle.h"
#include "ldso/dl/module_table.h"
#include "ldso/image/graph.h"
#include "ldso/link/scope.h"
#include "ldso/mem/descriptions.h"
#include "ldso/mem/heap.h"
#include "ldso/seal/execute.h"
#include "ldso/sys/lock.h"

namespace ldseal {

// The memory that the descriptions of one dlopen's objects share. It is given back when the last of
// them is unloaded.
struct DlopenGroup {
  explicit DlopenGroup(PageSize page) : arena(page) {}

  DescriptionArena arena;
  size_t live = 0;
  bool is_sealed = false;  // an object of it stays for ever
  // While the objects are linked, before they are in DlopenedObjects::modules.
  std::span<Module* const> incoming;
  DlopenGroup* next_incoming = nullptr;
};
DlopenGroup& begin_group();
// Gives the memory back, unless an object of the group is loaded.
void end_if_empty(DlopenGroup& group);

// An object and all that it needs, breadth first: the objects that dlsym(3) searches for a handle.
// ld-seal stands directly before libc in it.
struct SearchList {
  Module** modules = nullptr;
  size_t size = 0;

  std::span<Module* const> span() const { return {modules, size}; }
};

// What dlopen, dlclose and dlsym change about any object, start-up objects included.
struct HandleState {
  SearchList search_list;  // made when it is first asked for
  // The same objects, each before what it needs: settled when the object itself is first opened.
  SearchList settled_order;
  size_t handles = 0;  // dlopen's that no dlclose has undone
  Lifecycle* life = nullptr;
};

struct DlopenState : HandleState, ModuleChanges {
  DlopenGroup* group;
  Module* root;  // the object that was named in the dlopen that loaded this one
  // Objects that it is bound to, but for those that never leave (is_nodelete). They stay as long as
  // this object, like those it needs.
  RecordList<Module*> bound_to;
  // One of them was no dependency when the binding was made.
  bool is_bound_beyond_needs = false;
  LinkMap link_map;
  bool is_global = false;
  // glibc's word for what is never unloaded: RTLD_NODELETE, DF_1_NODELETE, a unique symbol in it,
  // or a start-up object is bound to it.
  bool is_nodelete = false;
  // That, or the class `dlopen`, or a pinned object needs it, or the libc is musl.
  bool is_pinned = false;
  bool is_sealed = false;         // as far as the policy goes (dl/opened_seals.h)
  bool is_leaving = false;        // a dlclose is about to take it away
  bool stays_to_the_end = false;  // the process ends, and its destructors are to run, or have
};

struct UniqueSymbol {
  const char* name;
  uint32_t hash;
  Definition definition;
};

enum class ChangeOfLists : uint8_t {
  kNone,
  kAny,      // not the next one
  kRemoval,  // the objects with is_leaving are taken out
};

// Guards everything here. Held in dlopen, dlclose and dlinfo, in dlsym beyond the start-up scope,
// in dladdr of a dlopened object, when a function is bound at its first call, and at exit.
// Constructors and destructors of dlopened objects and IFUNC resolvers run under it; so they may
// call these functions again, and must not wait for another thread that does.
extern RecursiveLock dl_lock;
extern RecursiveLock list_lock;  // taken after it; dl_iterate_phdr holds it while it calls out

struct DlopenedObjects {
  ChangeOfLists change = ChangeOfLists::kNone;  // goes on, with list_lock held: dl/list_change.h
  RecordList<Module*> modules;                  // in the order of loading
  // The objects in the global scope (RTLD_GLOBAL), in the order in which they became global.
  RecordList<Module*> global;
  RecordList<UniqueSymbol> unique;
  RecordList<SealedRun> sealed;     // neighbouring ranges joined: ldseal_reseal
  DlopenGroup* incoming = nullptr;  // the last begun first: a resolver may open more
  HandleState* start_up = nullptr;  // by scope_position; made by the first dlopen
  uint64_t adds = 0, subs = 0;      // objects that came, and went
  bool has_namespaces = false;      // beside the program's (dl/namespaces.h)
};

extern DlopenedObjects dlopened;
// For _dl_find_object and other look-ups without a lock. Written with list_lock held.
extern ModuleTable module_table;

// GraphBuilder asks by these what is loaded. Null: no object has the name, or is that file.
Module* loaded_by_name(const char* name);
Module* loaded_by_file(FileIdentity identity);

// Gives each object of `group` a number (scope_position) that no other object has, the lowest that
// are free. Returns all objects by number; the array is in `scratch`.
std::span<Module* const> number_objects(std::span<Module* const> group, Arena& scratch);
// Every number of a published object is below this.
size_t object_count();

// Makes the list in the heap. Every object that can be in it has its number, below `object_count`.
SearchList make_search_list(Module& root, size_t object_count);
SearchList make_list(std::span<Module* const> modules);
// The list of an object that is published; made at the first call.
SearchList& search_list_of(Module& module);
void release(SearchList& list);

HandleState& handle_state(Module& module);
// Gives the module of a dlopened object what changes about it. `root` is the object that was named.
DlopenState& add_state(Module& module, DlopenGroup& group, Module& root);
// Gives that back. Nothing of the object may be in use.
void release_state(const Module& module);
// Makes `start_up` where it is not there yet.
void keep_states_of_start_up();
Lifecycle* new_lifecycles(size_t count);
// What the order of destructors follows: the order that its own opening has settled, or DT_NEEDED
// if the object itself was never opened.
std::span<Module* const> dependencies(const Module& module);
// Notes that `module`, which was dlopened and has these `needs` now, is bound to `other`.
void note_binding(Module& module, Module& other, std::span<Module* const> needs);
// Ends both lists.
void release_lists(HandleState& state);
// Does the pointer, which comes from memory that the program may write, lead to the description of
// a dlopened object?
bool is_opened_object(const Module* module);
bool is_removed(const Module& module);

// The object of a handle that dlopen(3) has returned; null if the handle is not ld-seal's.
Module* module_of_handle(const void* handle);
// Is there such an object? Needs no lock.
bool is_handle_of_ours(const void* handle);

// The object at an address; null if there is none. Dlopened objects are found too, so dl_lock must
// be held.
Module* object_at(Address address);

// Adds the object and all that it needs to the global scope (RTLD_GLOBAL).
void make_global(Module& root);
void pin(Module& module);

// See OpenedLinking::unique.
Definition unique_definition(const Definition& found, const SymbolQuery& query);

}  // namespace ldseal
