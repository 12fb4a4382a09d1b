// dl_iterate_phdr(3), dladdr(3) and _dl_find_object (glibc manual, "Dynamic Linker Introspection"):
// our modules from our own list, which does not change after start-up; what libc has loaded by
// itself from libc's own functions.
#include "arch/native.h"
#include "ldso/run/exports.h"
#include "ldso/run/process.h"

using namespace ldseal;

constinit Rendezvous _r_debug;

// Debuggers put a breakpoint here.
[[gnu::noinline]] void _dl_debug_state() { asm volatile(""); }

namespace ldseal {
namespace {

ProgramHeaderInfo describe(const Module& m) {
  ProgramHeaderInfo info = {};
  info.dlpi_addr = m.bias.value;
  info.dlpi_name = m.path;
  info.dlpi_phdr = m.segments.headers.data();
  info.dlpi_phnum = static_cast<uint16_t>(m.segments.headers.size());
  info.dlpi_adds = process.graph.modules.size() + 1;
  if (m.tls.size.value != 0) {
    info.dlpi_tls_modid = m.position + 1;
    info.dlpi_tls_data =
        reinterpret_cast<void*>(thread_pointer() + static_cast<uint64_t>(m.tls.offset));
  }
  return info;
}

using Visit = int (*)(ProgramHeaderInfo*, size_t, void*);

// Passes on what libc reports, but for the stand-in and what we report ourselves.
struct Filter {
  Visit visit;
  void* data;

  static int pass_on(ProgramHeaderInfo* info, size_t size, void* data) {
    auto* filter = static_cast<Filter*>(data);
    if (info->dlpi_phdr == process.runtime.stand_in_headers) return 0;
    info->dlpi_adds += process.graph.modules.size();
    return filter->visit(info, size, filter->data);
  }
};

bool is_ours_to_report(const Module& m) {
  return m.is_ours_to_link() || m.kind == ModuleKind::kOurselves || process.graph.libc == nullptr;
}

}  // namespace
}  // namespace ldseal

int dl_iterate_phdr(int (*visit)(ProgramHeaderInfo*, size_t, void*), void* data) {
  auto report = [&](const Module& m) {
    if (!is_ours_to_report(m)) return 0;
    ProgramHeaderInfo info = describe(m);
    return visit(&info, sizeof info, data);
  };
  for (const Module* m : process.graph.modules) {
    if (int stop = report(*m); stop != 0) return stop;
  }
  if (int stop = report(*process.ourselves); stop != 0) return stop;
  using Iterate = int (*)(Visit, void*);
  auto iterate = reinterpret_cast<Iterate>(libc_function(process, "dl_iterate_phdr").value);
  if (iterate == nullptr) return 0;
  Filter filter{visit, data};
  return iterate(&Filter::pass_on, &filter);
}

int _dl_find_object(void* address, FoundObjectInfo* result) {
  constexpr int kFound = 0, kNotFound = -1;
  const Module* m = module_at(process, Address(address));
  if (m != nullptr && is_ours_to_report(*m)) {
    const Phdr* frame = m->segments.eh_frame;
    *result = {};
    result->map_start = m->span.start.as<void>();
    result->map_end = m->span.end.as<void>();
    result->link_map = m->link_map;
    if (frame != nullptr) result->eh_frame = (Vaddr(frame->p_vaddr) + m->bias).as<const void>();
    return kFound;
  }
  using Find = int (*)(void*, FoundObjectInfo*);
  auto find = reinterpret_cast<Find>(libc_function(process, "_dl_find_object").value);
  return find == nullptr ? kNotFound : find(address, result);
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

}  // namespace
}  // namespace ldseal

int dladdr(const void* address, AddressInfo* info) {
  const Module* m = module_at(process, Address(address));
  if (m == nullptr || !is_ours_to_report(*m)) {
    using Query = int (*)(const void*, AddressInfo*);
    auto query = reinterpret_cast<Query>(libc_function(process, "dladdr").value);
    return query == nullptr ? 0 : query(address, info);
  }
  *info = {};
  info->file_name = m->kind == ModuleKind::kProgram ? process.stack.arguments[0] : m->path;
  info->file_base = m->span.start.as<void>();
  if (const Sym* s = nearest_symbol(*m, Address(address))) {
    info->symbol_name = m->symbols().name(*s);
    info->symbol_address = (Vaddr(s->st_value) + m->bias).as<void>();
  }
  return 1;
}
