// Relocates a static program. It binds to itself alone, so the value of a symbol is its own.
#include <span>

#include "crt/steps.h"
#include "ldso/elf/relative.h"
#include "ldso/words/report.h"

// The only relocations of a program at fixed addresses: IRELATIVE ones. The linker defines these
// names.
extern "C" {
extern const Elf64_Rela __rela_iplt_start[] __attribute__((weak));
extern const Elf64_Rela __rela_iplt_end[] __attribute__((weak));
}

namespace ldseal {
namespace {

using Relocations = std::span<const Rela>;

uint64_t* address_of(const StaticProgram& program, const Rela& r) {
  return (Vaddr(r.r_offset) + program.bias).as<uint64_t>();
}

Error unknown(const StaticProgram& program, const Rela& r) {
  Error e = fault(Fault::kUnknownRelocation);
  e.object = program.name;
  e.place = Place::kVaddr;
  e.where = r.r_offset;
  e.found = relocation_type(r);
  return e;
}

// In a static program an undefined symbol is weak: its value is 0.
uint64_t value_of(const StaticProgram& program, const Sym& symbol) {
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) return symbol.st_value;
  return symbol.st_value + program.bias.value;
}

Status apply_symbolic(const StaticProgram& program, Relocations list, const Sym* symbols) {
  for (const Rela& r : list) {
    RelocationKind kind = Native::kind(relocation_type(r));
    bool counts = Native::kSlotsHaveAddend || !is_slot(kind);
    switch (kind) {
      case RelocationKind::kNothing:
      case RelocationKind::kRelative:
      case RelocationKind::kIndirect:
        break;
      case RelocationKind::kAbsolute64:
      case RelocationKind::kSlot:
      case RelocationKind::kCallSlot:
        if (symbols == nullptr) return unknown(program, r);
        *address_of(program, r) = value_of(program, symbols[relocation_symbol(r)]) +
                                  (counts ? static_cast<uint64_t>(r.r_addend) : 0);
        break;
      default:
        return unknown(program, r);
    }
  }
  return {};
}

void apply_indirect(const StaticProgram& program, Relocations list) {
  uint64_t hwcap = program.stack.value(AT_HWCAP), hwcap2 = program.stack.value(AT_HWCAP2);
  for (const Rela& r : list) {
    if (Native::kind(relocation_type(r)) != RelocationKind::kIndirect) continue;
    uint64_t resolver = program.bias.value + static_cast<uint64_t>(r.r_addend);
    *address_of(program, r) = call_ifunc_resolver(resolver, hwcap, hwcap2);
  }
}

void relocate_tables(const StaticProgram& program, const Dyn* dynamic) {
  OwnTables tables = own_tables(dynamic, program.bias);
  relocate_relative(tables, program.bias);
  Relocations lists[] = {{tables.rela, tables.rela_end()}, {tables.plt, tables.plt_end()}};
  for (Relocations list : lists) must(apply_symbolic(program, list, tables.symbols));
  for (Relocations list : lists) apply_indirect(program, list);
}

}  // namespace

void relocate(const StaticProgram& program) {
  if (const Dyn* dynamic = program.dynamic()) return relocate_tables(program, dynamic);
  apply_indirect(program, {__rela_iplt_start, __rela_iplt_end});
}

}  // namespace ldseal
