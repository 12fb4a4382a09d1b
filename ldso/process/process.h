// What the loader keeps as long as the process runs: read by the functions that it exports, changed
// by nobody once start-up is over. What changes later is in dl/opened.h.
#pragma once

#include "ldso/abi/link.h"
#include "ldso/base/arena.h"
#include "ldso/image/graph.h"
#include "ldso/image/search.h"
#include "ldso/libc/bring_up.h"
#include "ldso/seal/execute.h"
#include "ldso/seal/policy.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

struct Process {
  ProcessStack stack;
  Policy policy = {.wanted = 0};  // until it is decided: the loader has no initialised data
  PageSize page;
  Graph graph;
  Module* self = nullptr;
  Runtime runtime;
  const SearchSettings* search = nullptr;  // for what is opened later
  bool binds_now = false;                  // LD_BIND_NOW: no function is left to its first call
  bool binds_to_us = false;                // an object of start-up is bound to a function of ours
  List<Module*> constructors;  // ours, in the order in which they run; destructors run backwards
  List<Module*> scope_order;   // the global scope: as loaded, with ourselves directly before libc
  List<Module*> by_address;    // every module in memory, sorted
  List<SealedRun> sealed;      // neighbouring ranges joined: ldseal_reseal
};

extern Process process;

// The function of this name in libc or its rtld; null where there is none.
Address libc_function(const char* name);

// The same for one that is called often: looked for once.
class LibcFunction {
 public:
  constexpr LibcFunction() = default;
  template <class Function>
  Function* find(const char* name) {
    uint64_t address = __atomic_load_n(&address_, __ATOMIC_RELAXED);
    if (address == 0) {
      address = libc_function(name).value;
      __atomic_store_n(&address_, address, __ATOMIC_RELAXED);
    }
    return reinterpret_cast<Function*>(address);
  }

 private:
  uint64_t address_ = 0;
};

// The module whose span holds `address`; null where none does.
Module* module_at(Address address);

// How objects are searched for once start-up is over.
SearchSettings settings_for_later();

// Do we report it to the program (dl_iterate_phdr, dladdr)? libc reports its own objects by itself.
bool is_reported_by_us(const Module& module);

}  // namespace ldseal
