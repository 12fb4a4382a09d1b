// The functions are looked up once, when the first block is made. The sanitizer's run-time is a
// start-up object, because it must stand before libc in the scope.
#include "ldso/threads/sanitizers.h"

#include "ldso/base/lifetime.h"
#include "ldso/elf/hash.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

struct Sanitizers {
  bool are_known;
  void (*add_root)(const void*, size_t);
  void (*remove_root)(const void*, size_t);
  void (*acquire)(void*);
  void (*release)(void*);
};
LDSEAL_RECORD constinit Sanitizers sanitizers = {};

template <class Function>
void find(const char* name, Function*& function) {
  SymbolQuery query{name, gnu_hash(name), nullptr};
  for (const Module* m : process.graph.modules) {
    const Sym* symbol = find_symbol(m->symbols(), query, ReferenceKind::kCall);
    if (symbol == nullptr) continue;
    function = reinterpret_cast<Function*>((Vaddr(symbol->st_value) + m->bias).value);
    return;
  }
}

const Sanitizers& known_sanitizers() {
  if (sanitizers.are_known) return sanitizers;
  RecordChange change;
  sanitizers.are_known = true;
  find("__lsan_register_root_region", sanitizers.add_root);
  find("__lsan_unregister_root_region", sanitizers.remove_root);
  find("__tsan_acquire", sanitizers.acquire);
  find("__tsan_release", sanitizers.release);
  return sanitizers;
}

}  // namespace

void report_block_to_sanitizers(void* block, size_t size) {
  const Sanitizers& known = known_sanitizers();
  if (known.add_root != nullptr && known.remove_root != nullptr) known.add_root(block, size);
  if (known.acquire != nullptr) known.acquire(block);
}

void report_end_to_sanitizers(void* block, size_t size) {
  const Sanitizers& known = known_sanitizers();
  if (known.add_root != nullptr && known.remove_root != nullptr) known.remove_root(block, size);
  if (known.release != nullptr) known.release(block);
}

}  // namespace ldseal
