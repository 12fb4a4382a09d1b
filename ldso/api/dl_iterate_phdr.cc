// dl_iterate_phdr(3), dladdr(3) and _dl_find_object (glibc manual, "Dynamic Linker Introspection"):
// the objects of start-up, which do not change, without a lock; opened ones as opened.h and
// object_table.h say; what libc has loaded by itself from libc's own functions.
#include "arch/native.h"
#include "ldso/abi/exports.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

using namespace ldseal;

constinit Rendezvous _r_debug;

// Debuggers put a breakpoint here.
[[gnu::noinline]] void _dl_debug_state() { asm volatile(""); }

namespace ldseal {
namespace {

// How many objects of ours have come since the process began, ourselves included.
uint64_t own_adds() {
  return process.graph.modules.size() + 1 + __atomic_load_n(&opened_objects.adds, __ATOMIC_RELAXED);
}

uint64_t own_subs() { return __atomic_load_n(&opened_objects.subs, __ATOMIC_RELAXED); }

ProgramHeaderInfo describe(const Module& m) {
  ProgramHeaderInfo info = {};
  info.dlpi_addr = m.bias.value;
  info.dlpi_name = m.path;
  info.dlpi_phdr = m.segments.headers.data();
  info.dlpi_phnum = static_cast<uint16_t>(m.segments.headers.size());
  info.dlpi_adds = own_adds();
  info.dlpi_subs = own_subs();
  info.dlpi_tls_modid = public_tls_id(m);
  info.dlpi_tls_data = tls_data(m);
  return info;
}

// Passes on what libc reports, but for the stand-in and what we report ourselves.
struct Filter {
  VisitProgramHeaders visit;
  void* data;

  static int pass_on(ProgramHeaderInfo* info, size_t size, void* data) {
    auto* filter = static_cast<Filter*>(data);
    if (info->dlpi_phdr == process.runtime.stand_in_headers) return 0;
    info->dlpi_adds += own_adds() - 1;  // the stand-in's
    info->dlpi_subs += own_subs();
    if (info->dlpi_tls_modid != 0) info->dlpi_tls_modid = public_id_of_libcs(info->dlpi_tls_modid);
    return filter->visit(info, size, filter->data);
  }
};

bool is_ours_to_report(const Module& m) {
  return m.is_ours_to_link() || m.kind == ModuleKind::kOurselves || process.graph.libc == nullptr;
}

int report(const Module& m, const Filter& filter) {
  if (!is_ours_to_report(m)) return 0;
  ProgramHeaderInfo info = describe(m);
  return filter.visit(&info, sizeof info, filter.data);
}

int report_start_up(const Filter& filter) {
  for (const Module* m : process.graph.modules) {
    if (int stop = report(*m, filter); stop != 0) return stop;
  }
  return report(*process.ourselves, filter);
}

// As in glibc the list cannot change meanwhile, and what is called may open and close by itself.
int report_opened(const Filter& filter) {
  if (__atomic_load_n(&opened_objects.adds, __ATOMIC_ACQUIRE) == 0) return 0;
  Held list(opened_objects.list_lock);
  for (size_t i = 0; i < opened_objects.modules.size(); ++i) {
    if (int stop = report(*opened_objects.modules[i], filter); stop != 0) return stop;
  }
  return 0;
}

constinit LibcFunction libcs_iterate;

int report_libcs(Filter& filter) {
  auto* iterate = libcs_iterate.find<int(VisitProgramHeaders, void*)>("dl_iterate_phdr");
  return iterate == nullptr ? 0 : iterate(&Filter::pass_on, &filter);
}

}  // namespace
}  // namespace ldseal

int dl_iterate_phdr(int (*visit)(ProgramHeaderInfo*, size_t, void*), void* data) {
  Filter filter{visit, data};
  if (int stop = report_start_up(filter); stop != 0) return stop;
  if (int stop = report_opened(filter); stop != 0) return stop;
  return report_libcs(filter);
}

int _dl_find_object(void* address, FoundObjectInfo* result) {
  constexpr int kFound = 0, kNotFound = -1;
  const Module* m = module_at(process, Address(address));
  ObjectEntry entry;
  if (m != nullptr && is_ours_to_report(*m)) {
    entry = describe_entry(*m);
  } else if (!object_table.find(Address(address), entry)) {
    using Find = int (*)(void*, FoundObjectInfo*);
    auto find = reinterpret_cast<Find>(libc_function(process, "_dl_find_object").value);
    return find == nullptr ? kNotFound : find(address, result);
  }
  *result = {};
  result->map_start = Address(entry.start).as<void>();
  result->map_end = Address(entry.end).as<void>();
  result->link_map = entry.link_map;
  result->eh_frame = entry.eh_frame;
  return kFound;
}

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

// False: no object of ours is there.
bool describe_ours(Address address, AddressInfo& info, void** extra, AddressExtra wants) {
  const Module* m = module_at(process, address);
  if (m != nullptr && is_ours_to_report(*m)) {
    describe_address(*m, address, info, extra, wants);
    return true;
  }
  ObjectEntry entry;
  if (!object_table.find(address, entry)) return false;
  Held loader(opened_objects.lock);
  m = object_at(address);
  if (m == nullptr || !is_ours_to_report(*m)) return false;
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
