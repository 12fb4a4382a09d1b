// dladdr(3) and dladdr1. Start-up objects do not change and are searched without a lock, dlopened
// objects with dl_lock held. libc's own functions answer for objects that libc has loaded by
// itself.
#include "ldso/abi/exports.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"

using namespace ldseal;

namespace ldseal {
namespace {

// The defined symbol that begins closest below `address`, preferring one whose size covers it.
const Sym* nearest_symbol(const Module& m, Address address) {
  const SymbolTable& table = m.symbols();
  Vaddr at = address - m.bias;
  const Sym* best = nullptr;
  for (uint32_t i = 1; i < table.count; ++i) {
    const Sym& s = table.symbols[i];
    unsigned type = symbol_type(s);
    if (s.st_shndx == SHN_UNDEF || s.st_shndx == SHN_ABS || type > STT_FUNC) continue;
    if (symbol_binding(s) == STB_LOCAL || s.st_value > at.value) continue;
    bool covers = s.st_size == 0 ? s.st_value == at.value : at.value - s.st_value < s.st_size;
    if (covers && (best == nullptr || s.st_value > best->st_value)) best = &s;
  }
  return best;
}

void describe_address(const Module& m, Address address, AddressInfo& info, void** extra,
                      AddressExtra wants) {
  info = {};
  info.file_name = m.kind == ModuleKind::kProgram ? process.stack.arguments[0] : m.path;
  info.file_base = m.span.start.as<void>();
  const Sym* symbol = nearest_symbol(m, address);
  if (symbol != nullptr) {
    info.symbol_name = m.symbols().name(*symbol);
    info.symbol_address = (Vaddr(symbol->st_value) + m.bias).as<void>();
  }
  if (wants == AddressExtra::kSymbol) *extra = const_cast<Sym*>(symbol);
  if (wants == AddressExtra::kLinkMap) *extra = m.link_map;
}

// False: no object that ld-seal reports contains the address.
bool describe_ours(Address address, AddressInfo& info, void** extra, AddressExtra wants) {
  const Module* m = module_at(address);
  if (m != nullptr && is_reported_by_us(*m)) {
    describe_address(*m, address, info, extra, wants);
    return true;
  }
  ModuleEntry entry;
  if (!module_table.find(address, entry)) return false;
  LockGuard guard(dl_lock);
  m = object_at(address);
  if (m == nullptr || !is_reported_by_us(*m)) return false;
  describe_address(*m, address, info, extra, wants);
  return true;
}

}  // namespace
}  // namespace ldseal

int dladdr(const void* address, AddressInfo* info) {
  if (describe_ours(Address(address), *info, nullptr, AddressExtra::kNothing)) return 1;
  return ask_libc<int>("dladdr", address, info);
}

int dladdr1(const void* address, AddressInfo* info, void** extra, int flags) {
  if (describe_ours(Address(address), *info, extra, static_cast<AddressExtra>(flags))) return 1;
  return ask_libc<int>("dladdr1", address, info, extra, flags);
}
