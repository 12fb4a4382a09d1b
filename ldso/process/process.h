// What ld-seal keeps as long as the process runs. Start-up writes it; afterwards it does not
// change, and the exported functions read it without a lock. What dlopen(3) changes is in
// dl/opened.h.
#pragma once

#include "ldso/abi/link.h"
#include "ldso/base/arena.h"
#include "ldso/image/graph.h"
#include "ldso/image/search.h"
#include "ldso/libc/bring_up.h"
#include "ldso/link/scope.h"
#include "ldso/seal/execute.h"
#include "ldso/seal/policy.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

struct Process {
  ProcessStack stack;
  Policy policy = {.wanted = 0};  // all zero until it is decided: ld-seal has no initialised data
  PageSize page;
  uint64_t hwcap = 0, hwcap2 = 0;  // AT_HWCAP and AT_HWCAP2, for resolvers of IFUNC symbols
  Graph graph;
  Module* self = nullptr;
  Runtime runtime;
  const SearchSettings* search = nullptr;  // for objects that are opened later
  bool has_preload_file = false;           // /etc/ld.so.preload, for a program of glibc's
  bool binds_now = false;                  // LD_BIND_NOW: dlopen binds every function at once
  bool sorts_as_before_2_35 = false;       // glibc.rtld.dynamic_sort=1 (dl/older_sort.h)
  WeakDefinitions weak = WeakDefinitions::kCount;  // LD_DYNAMIC_WEAK
  bool binds_to_us = false;  // a start-up object is bound to a function of ld-seal
  List<Module*>
      constructors;  // libraries that we relocate, in the order in which their constructors run
  List<Module*>
      scope_order;           // the global scope: the order of loading, ld-seal directly before libc
  List<Module*> by_address;  // every start-up module, sorted by address
  List<SealedRun> sealed;    // neighbouring ranges joined: ldseal_reseal
};

extern Process process;

// The address of the function of this name in libc or its rtld; 0 if neither defines it.
Address libc_function(const char* name);

// The same for a function that is called often: a found address is kept, as a record
// (LDSEAL_RECORD). Any thread may call `find`.
class LibcFunction {
 public:
  constexpr LibcFunction() = default;
  template <class Function>
  Function* find(const char* name) {
    uint64_t address = __atomic_load_n(&address_, __ATOMIC_RELAXED);
    return reinterpret_cast<Function*>(address != 0 ? address : look_up(name));
  }

 private:
  uint64_t look_up(const char* name);
  uint64_t address_ = 0;
};

// libc's dl_iterate_phdr(3); null if it has none.
using IterateProgramHeaders = int(VisitProgramHeaders, void*);
IterateProgramHeaders* libcs_iterate();

// The start-up module whose span contains `address`; null if there is none. Needs no lock.
Module* module_at(Address address);

// The settings of the search for libraries once start-up is over.
SearchSettings settings_for_later();

// Does ld-seal report the module in dl_iterate_phdr(3) and dladdr(3)? libc reports libc and its
// rtld, so those are left to libc's functions.
bool is_reported_by_us(const Module& module);

}  // namespace ldseal
