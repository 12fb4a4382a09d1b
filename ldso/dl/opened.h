// The objects that dlopen(3) has brought. What changes about them is here, never in what start-up
// has made, which is read-only by now. Everything is changed with the loader's lock held; what
// others walk over, with the list's lock too.
#pragma once

#include "ldso/abi/link.h"
#include "ldso/dl/module_table.h"
#include "ldso/image/graph.h"
#include "ldso/link/scope.h"
#include "ldso/mem/heap.h"
#include "ldso/seal/execute.h"
#include "ldso/sys/lock.h"

namespace ldseal {

// The memory that the objects of one dlopen share: it goes back with the last of them.
struct DlopenGroup {
  TemporaryArena arena;
  size_t live = 0;
};
DlopenGroup& begin_group();
// Gives the memory back, unless an object is live.
void end_if_empty(DlopenGroup& group);

// An object and all that it needs, breadth first: where dlsym looks for a handle. We stand directly
// before libc in it.
struct SearchList {
  Module** modules = nullptr;
  size_t size = 0;

  std::span<Module* const> span() const { return {modules, size}; }
};

// What dlopen, dlclose and dlsym change about any object.
struct HandleState {
  SearchList search_list;  // made when it is first asked for
  size_t handles = 0;      // dlopen's that no dlclose has undone
};

struct DlopenState : HandleState {
  Module* module;
  DlopenGroup* group;
  Module* root;  // the object that the dlopen named which brought this one
  // Objects that it refers to, though neither it nor what it needs names them.
  List<Module*> bound_to;
  List<const char*> aliases;
  LinkMap link_map;
  // Its number in the order of construction; 0: not begun, or destroyed again.
  uint64_t construction = 0;
  size_t pending_thread_destructors = 0;  // changed without a lock
  bool is_global = false;
  // RTLD_NODELETE, DF_1_NODELETE, a unique symbol in it, or the class `dlopen`.
  bool is_pinned = false;
  bool is_sealed = false;   // as far as the policy goes (dl/opened_seals.h)
  bool is_leaving = false;  // its destructors run: nobody finds it any more
};

struct UniqueSymbol {
  const char* name;
  uint32_t hash;
  Definition definition;
};

struct DlopenedObjects {
  // The loader's: held by whoever opens, closes or looks up, and while constructors run.
  RecursiveLock dl_lock;
  RecursiveLock list_lock;    // taken after it; dl_iterate_phdr holds it while it calls out
  HeapList<Module*> modules;  // in the order of loading
  // Those whose names everybody sees, in the order in which they became global.
  HeapList<Module*> global;
  HeapList<UniqueSymbol> unique;
  HeapList<SealedRun> sealed;       // neighbouring ranges joined: ldseal_reseal
  HandleState* start_up = nullptr;  // by scope_position; made by the first dlopen
  uint64_t constructions = 0;
  uint64_t adds = 0, subs = 0;  // objects that came, and went
  bool is_collecting = false;
  bool must_collect_again = false;
  bool process_ends = false;  // destructors of the whole process run: nothing is unloaded any more
};

extern DlopenedObjects dlopened;
// For _dl_find_object.
extern ModuleTable module_table;

// How GraphBuilder asks what is loaded.
Module* loaded_by_name(const char* name);
Module* loaded_by_file(FileIdentity identity);

// Gives every object that is not of start-up its number, behind those, `group` last; returns all of
// them by number.
std::span<Module* const> number_objects(std::span<Module* const> group, Arena& scratch);

// Made in the heap; every object that can come into it has its number.
SearchList make_search_list(Module& root, size_t object_count);
// Of an object that is published.
SearchList& search_list_of(Module& module);
void release(SearchList& list);

HandleState& handle_state(Module& module);

// What has a handle, or null.
Module* module_of_handle(const void* handle);

// The object of ours at an address: of start-up without a lock, else with the loader's lock held.
Module* object_at(Address address);

// Makes the object and all that it needs visible to everybody.
void make_global(Module& root);
void make_permanent(Module& module);

// See OpenedLinking::unique.
Definition unique_definition(const Definition& found, const SymbolQuery& wanted);

}  // namespace ldseal
