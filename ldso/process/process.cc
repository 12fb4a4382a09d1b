// The one Process, and look-ups in it by name and by address.
#include "ldso/process/process.h"

#include "ldso/base/lifetime.h"
#include "ldso/mem/records.h"

namespace ldseal {

// Never destroyed: exported functions may be called until the process ends.
LDSEAL_FINAL [[clang::no_destroy]] constinit Process process;

Address libc_function(const char* name) {
  SymbolQuery query{name, gnu_hash(name), nullptr, nullptr, true};
  for (const Module* m : {process.graph.libc, process.graph.libc_rtld}) {
    if (m == nullptr) continue;
    const Sym* symbol = find_symbol(m->symbols(), query, ReferenceKind::kCall);
    if (symbol != nullptr) return Vaddr(symbol->st_value) + m->bias;
  }
  return Address(0);
}

uint64_t LibcFunction::look_up(const char* name) {
  uint64_t address = libc_function(name).value;
  if (address == 0) return 0;
  RecordChange change;
  __atomic_store_n(&address_, address, __ATOMIC_RELAXED);
  return address;
}

IterateProgramHeaders* libcs_iterate() {
  LDSEAL_RECORD static constinit LibcFunction function;
  return function.find<IterateProgramHeaders>("dl_iterate_phdr");
}

Module* module_at(Address address) {
  size_t low = 0, high = process.by_address.size();
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    Module* m = process.by_address[middle];
    if (address < m->span.start) {
      high = middle;
    } else if (address >= m->span.end) {
      low = middle + 1;
    } else {
      return m;
    }
  }
  return nullptr;
}

SearchSettings settings_for_later() {
  SearchSettings settings = *process.search;
  settings.modules_are_final = true;
  return settings;
}

bool is_reported_by_us(const Module& m) {
  return m.is_linked_by_us() || m.kind == ModuleKind::kSelf || process.graph.libc == nullptr;
}

}  // namespace ldseal
