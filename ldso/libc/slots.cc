// See slots.h.
#include "ldso/libc/slots.h"

#include <array>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/link/place.h"
#include "ldso/link/plt.h"

namespace ldseal {
namespace {

struct Hardware {
  uint64_t hwcap, hwcap2;
};

Address value_in(const Module& module, const Sym& symbol, Hardware hardware) {
  if (symbol.st_shndx == SHN_ABS) return Address(symbol.st_value);
  Address value = Vaddr(symbol.st_value) + module.bias;
  if (symbol_type(symbol) != STT_GNU_IFUNC) return value;
  return Address(call_ifunc_resolver(value.value, hardware.hwcap, hardware.hwcap2));
}

// Returns 0 if nothing defines it.
Address find_function(const SymbolQuery& query, std::span<const StandInSymbol> symbols,
                      std::span<const Module* const> modules, Hardware hardware) {
  for (const StandInSymbol& s : symbols) {
    if (s.type == STT_FUNC && equal(s.name, query.name)) return s.value;
  }
  for (const Module* m : modules) {
    const Sym* symbol = find_symbol(m->symbols(), query, ReferenceKind::kCall);
    if (symbol != nullptr) return value_in(*m, *symbol, hardware);
  }
  return Address(0);
}

}  // namespace

void bind_slots_of_libc(const Module& libc, const Module& rtld,
                        std::span<const StandInSymbol> symbols, uint64_t hwcap, uint64_t hwcap2,
                        PageSize page) {
  CallSlots slots = find_call_slots(libc, page);
  const std::array<const Module*, 2> modules = {&libc, &rtld};
  for (const Rela& r : libc.tables.plt) {
    Address slot = Vaddr(r.r_offset) + libc.bias;
    uint32_t index = relocation_symbol(r);
    bool is_call = Native::kind(relocation_type(r)) == RelocationKind::kCallSlot;
    if (!is_call || !slots.words.contains(slot) || index >= libc.symbols().count) continue;
    Address value =
        find_function(wanted_by(libc.symbols(), index), symbols, modules, {hwcap, hwcap2});
    store(slot, value.value);
  }
}

}  // namespace ldseal
