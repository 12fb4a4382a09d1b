// Makes one pass over the dynamic section. elf/tables.cc decides which tables must exist, and where
// they may lie.
#include "ldso/elf/dynamic.h"

namespace ldseal {
namespace {

Error wrong_size(const char* field, uint64_t found, uint64_t wanted) {
  Error e = fault(Fault::kBadEntrySize);
  e.field = field;
  e.found = found;
  e.wanted = wanted;
  return e;
}

void set(MaybeVaddr& to, const Dyn& entry) {
  to.value = Vaddr(entry.d_un.d_ptr);
  to.present = true;
}

void set_string(uint64_t& offset, bool& present, const Dyn& entry) {
  offset = entry.d_un.d_val;
  present = true;
}

// Records an entry whose value is an address or the offset of a name. Returns false for other
// entries.
bool record_address(Dynamic& d, const Dyn& entry) {
  Vaddr at(entry.d_un.d_ptr);
  switch (entry.d_tag) {
    case DT_HASH:
      set(d.hash, entry);
      return true;
    case DT_GNU_HASH:
      set(d.gnu_hash, entry);
      return true;
    case DT_SYMTAB:
      set(d.symbols, entry);
      return true;
    case DT_STRTAB:
      set(d.strings, entry);
      return true;
    case DT_VERSYM:
      set(d.version_symbols, entry);
      return true;
    case DT_VERDEF:
      set(d.version_definitions, entry);
      return true;
    case DT_VERNEED:
      set(d.version_needs, entry);
      return true;
    case DT_INIT:
      set(d.init, entry);
      return true;
    case DT_FINI:
      set(d.fini, entry);
      return true;
    case DT_RELA:
      d.rela.start = at;
      return true;
    case DT_JMPREL:
      d.plt.start = at;
      return true;
    case DT_RELR:
      d.relr.start = at;
      return true;
    case DT_INIT_ARRAY:
      d.init_array.start = at;
      return true;
    case DT_FINI_ARRAY:
      d.fini_array.start = at;
      return true;
    case DT_PREINIT_ARRAY:
      d.preinit_array.start = at;
      return true;
    case DT_SONAME:
      set_string(d.soname, d.soname_present, entry);
      return true;
    case DT_RPATH:
      set_string(d.rpath, d.rpath_present, entry);
      return true;
    case DT_RUNPATH:
      set_string(d.runpath, d.runpath_present, entry);
      return true;
    default:
      return false;
  }
}

// Records an entry whose value is a number.
void record_number(Dynamic& d, const Dyn& entry) {
  uint64_t value = entry.d_un.d_val;
  switch (entry.d_tag) {
    case DT_STRSZ:
      d.strings_size = ByteCount(value);
      break;
    case DT_RELASZ:
      d.rela.size = ByteCount(value);
      break;
    case DT_RELACOUNT:
      d.relative_count = value;
      break;
    case DT_PLTRELSZ:
      d.plt.size = ByteCount(value);
      break;
    case DT_RELRSZ:
      d.relr.size = ByteCount(value);
      break;
    case DT_INIT_ARRAYSZ:
      d.init_array.size = ByteCount(value);
      break;
    case DT_FINI_ARRAYSZ:
      d.fini_array.size = ByteCount(value);
      break;
    case DT_PREINIT_ARRAYSZ:
      d.preinit_array.size = ByteCount(value);
      break;
    case DT_VERDEFNUM:
      d.version_definition_count = value;
      break;
    case DT_VERNEEDNUM:
      d.version_need_count = value;
      break;
    case DT_FLAGS:
      d.flags |= value;
      break;
    case DT_FLAGS_1:
      d.flags_1 |= value;
      break;
    case DT_SYMBOLIC:
      d.flags |= DF_SYMBOLIC;
      break;
    case DT_TEXTREL:
      d.flags |= DF_TEXTREL;
      break;
    case DT_BIND_NOW:
      d.flags |= DF_BIND_NOW;
      break;
    default:
      break;
  }
}

// Checks the entries whose value must be a size of ELF64, and refuses forms that ELF64 machines do
// not use.
Status check_fixed(const Dyn& entry) {
  uint64_t value = entry.d_un.d_val;
  switch (entry.d_tag) {
    case DT_SYMENT:
      return value == sizeof(Sym) ? Status() : wrong_size("DT_SYMENT", value, sizeof(Sym));
    case DT_RELAENT:
      return value == sizeof(Rela) ? Status() : wrong_size("DT_RELAENT", value, sizeof(Rela));
    case DT_RELRENT:
      return value == 8 ? Status() : wrong_size("DT_RELRENT", value, 8);
    case DT_PLTREL:
      return value == DT_RELA ? Status() : wrong_size("DT_PLTREL", value, DT_RELA);
    case DT_RELSZ:
      return value == 0 ? Status() : wrong_size("DT_RELSZ", value, 0);
    default:
      return {};
  }
}

Status check_multiple(const char* field, uint64_t found, uint64_t of, Vaddr at) {
  if (found % of == 0) return {};
  Error e = fault(Fault::kBadTableSize);
  e.field = field;
  e.place = Place::kVaddr;
  e.where = at.value;
  e.found = found;
  e.wanted = of;
  return e;
}

// Checks that a table is aligned to a word and holds whole entries.
Status check_table(const char* start, const char* size, const Table& table, uint64_t entry_size) {
  constexpr uint64_t kWord = 8;
  if (Status s = check_multiple(start, table.start.value, kWord, table.start); !s) return s;
  return check_multiple(size, table.size.value, entry_size, table.start);
}

void take_bias_off(Vaddr& at, AddressRange span, LoadBias bias) {
  if (span.contains(Address(at.value))) at = Address(at.value) - bias;
}

}  // namespace

Dynamic without_bias(Dynamic d, AddressRange span, LoadBias bias) {
  for (MaybeVaddr* at : {&d.hash, &d.gnu_hash, &d.symbols, &d.strings, &d.version_symbols,
                         &d.version_definitions, &d.version_needs, &d.init, &d.fini}) {
    take_bias_off(at->value, span, bias);
  }
  for (Table* table : {&d.rela, &d.plt, &d.relr, &d.init_array, &d.fini_array, &d.preinit_array}) {
    take_bias_off(table->start, span, bias);
  }
  return d;
}

Result<Dynamic> read_dynamic(std::span<const Dyn> section) {
  Dynamic d;
  size_t count = 0;
  while (count < section.size() && section[count].d_tag != DT_NULL) ++count;
  if (count == section.size()) return fault(Fault::kDynamicUnterminated);
  d.entries = section.first(count);
  for (const Dyn& entry : d.entries) {
    if (Status s = check_fixed(entry); !s) return s.error();
    if (!record_address(d, entry)) record_number(d, entry);
  }
  const struct {
    const char *start, *size;
    const Table& table;
    uint64_t entry_size;
  } tables[] = {
      {"DT_RELA", "DT_RELASZ", d.rela, sizeof(Rela)},
      {"DT_JMPREL", "DT_PLTRELSZ", d.plt, sizeof(Rela)},
      {"DT_RELR", "DT_RELRSZ", d.relr, 8},
      {"DT_INIT_ARRAY", "DT_INIT_ARRAYSZ", d.init_array, 8},
      {"DT_FINI_ARRAY", "DT_FINI_ARRAYSZ", d.fini_array, 8},
      {"DT_PREINIT_ARRAY", "DT_PREINIT_ARRAYSZ", d.preinit_array, 8},
  };
  for (const auto& t : tables) {
    if (Status s = check_table(t.start, t.size, t.table, t.entry_size); !s) return s.error();
  }
  if (d.relative_count > d.rela.size.value / sizeof(Rela)) {
    return wrong_size("DT_RELACOUNT", d.relative_count, d.rela.size.value / sizeof(Rela));
  }
  return d;
}

}  // namespace ldseal
