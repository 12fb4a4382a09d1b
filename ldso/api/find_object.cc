// _dl_find_object (glibc manual, "Dynamic Linker Introspection"). Unwinders call it, also in signal
// handlers, so it takes no lock (module_table.h). libc's own function answers for objects that libc
// has loaded by itself.
#include "ldso/abi/exports.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"

using namespace ldseal;

int _dl_find_object(void* address, FoundObjectInfo* result) {
  constexpr int kFound = 0, kNotFound = -1;
  const Module* m = module_at(Address(address));
  ModuleEntry entry;
  if (m != nullptr && is_reported_by_us(*m)) {
    entry = describe_entry(*m);
  } else if (!module_table.find(Address(address), entry)) {
    using Find = int (*)(void*, FoundObjectInfo*);
    auto find = reinterpret_cast<Find>(libc_function("_dl_find_object").value);
    return find == nullptr ? kNotFound : find(address, result);
  }
  *result = {};
  result->map_start = Address(entry.start).as<void>();
  result->map_end = Address(entry.end).as<void>();
  result->link_map = entry.link_map;
  result->eh_frame = entry.eh_frame;
  return kFound;
}
