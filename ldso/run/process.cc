// The one Process, and finding a module in it by address.
#include "ldso/run/process.h"

namespace ldseal {

// Outlives everything: it has no destructor that anyone runs.
[[clang::no_destroy]] constinit Process process;

Module* module_at(const Process& p, Address address) {
  size_t low = 0, high = p.by_address.size();
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    Module* m = p.by_address[middle];
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

}  // namespace ldseal
