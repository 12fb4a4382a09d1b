// Binds a function at its first call (arch/<m>/lazy.S). Only a function that nothing defined when
// its object was opened with RTLD_LAZY is bound that late: an object that defines it may be loaded
// by then. If there is none, the process ends with glibc's line and exit status 127.
#include "arch/native.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/symbol_lookup.h"
#include "ldso/link/linker.h"
#include "ldso/process/process.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/sentences.h"

using namespace ldseal;

namespace ldseal {
namespace {

// In glibc's words.
[[noreturn]] void give_up(const Module& m, const SymbolQuery& query) {
  const char* program = process.stack.arguments[0];
  TextBuffer<1024> line;
  line << (program == nullptr ? "<program name unknown>" : program) << ": symbol lookup error: ";
  write_error(line, undefined_symbol(m, query));
  line << '\n';
  kernel::die(line.text());
}

// The address of the description stands in the object's GOT, which stays writable.
void check_description(const Module* m) {
  if (!is_opened_object(m))
    kernel::die("ld-seal: a function is called through a GOT that was overwritten\n");
}

// dl_lock is held.
uint64_t bind(Module& m, const Rela& r) {
  SymbolQuery query = wanted_by(m.symbols(), relocation_symbol(r));
  query.own_definition = nullptr;
  Definition found = find_as_bound(m, query);
  bool is_weak = symbol_binding(m.symbols().symbols[relocation_symbol(r)]) == STB_WEAK;
  if (!found.is_there() && is_weak) return 0;  // the call goes there, as in glibc
  if (!found.is_there()) give_up(m, query);
  keep_for(m, *found.module);
  auto place = reinterpret_cast<uintptr_t>(address_of(*found.module, *found.symbol));
  uint64_t value = place + (Native::kSlotsHaveAddend ? static_cast<uint64_t>(r.r_addend) : 0);
  __atomic_store_n((Vaddr(r.r_offset) + m.bias).as<uint64_t>(), value, __ATOMIC_RELEASE);
  return value;
}

}  // namespace
}  // namespace ldseal

// arch/<m>/lazy.S calls one of the two; the linker leaves out the other.

// For machines whose tables push the relocation's index.
extern "C" uint64_t bind_function(Module* m, uint64_t index) {
  LockGuard guard(dl_lock);
  check_description(m);
  return bind(*m, m->tables.plt[index]);
}

// For machines whose PLT pushes the address of the function's slot.
extern "C" uint64_t bind_slot(Module* m, uint64_t slot) {
  LockGuard guard(dl_lock);
  check_description(m);
  for (const Rela& r : m->tables.plt) {
    if ((Vaddr(r.r_offset) + m->bias).value == slot) return bind(*m, r);
  }
  __builtin_trap();  // the PLT is not one that a linker makes
}
