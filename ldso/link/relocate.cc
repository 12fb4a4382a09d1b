// The relocation loops. The tables are already checked. These loops check what is known only for
// each relocation: its place, its symbol, and whether its value fits.
#include <array>
#include <bit>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/link/linker.h"
#include "ldso/link/look_ahead.h"
#include "ldso/link/place.h"
#include "ldso/mem/mapping.h"

namespace ldseal {
namespace {

// Symbol 0 means that there is no symbol.
Status check_symbol(const Module& module, const Rela& r) {
  uint32_t index = relocation_symbol(r);
  if (index < module.symbols().count || index == 0) return {};
  Error e = at_place(Fault::kSymbolIndexOutside, module, r);
  e.found = index;
  e.wanted = module.symbols().count;
  return e;
}

// Stores `value` in fewer bytes if they can hold it as a signed or unsigned number.
template <class Signed>
bool store_narrow(Address place, uint64_t value) {
  auto narrow = static_cast<Signed>(value);
  bool fits_signed = static_cast<uint64_t>(static_cast<int64_t>(narrow)) == value;
  bool fits_unsigned = (value >> (sizeof(Signed) * 8)) == 0;
  store(place, narrow);
  return fits_signed || fits_unsigned;
}

// Returns false if the value does not fit.
bool store_number(RelocationKind kind, Address place, uint64_t value) {
  switch (kind) {
    case RelocationKind::kAbsolute32:
    case RelocationKind::kSize32:
      return store_narrow<int32_t>(place, value);
    case RelocationKind::kAbsolute16:
      return store_narrow<int16_t>(place, value);
    case RelocationKind::kPcRelative32:
      return store_narrow<int32_t>(place, value - place.value);
    case RelocationKind::kPcRelative16:
      return store_narrow<int16_t>(place, value - place.value);
    case RelocationKind::kPcRelative64:
      store(place, value - place.value);
      return true;
    default:
      store(place, value);
      return true;
  }
}

size_t size_of(RelocationKind kind) {
  switch (kind) {
    case RelocationKind::kAbsolute32:
    case RelocationKind::kPcRelative32:
    case RelocationKind::kSize32:
      return 4;
    case RelocationKind::kAbsolute16:
    case RelocationKind::kPcRelative16:
      return 2;
    case RelocationKind::kTlsDescriptor:
      return 16;
    default:
      return 8;
  }
}

Address value_of(const Definition& d) {
  if (d.symbol == nullptr) return Address(0);
  return d.symbol->st_shndx == SHN_ABS ? Address(d.symbol->st_value)
                                       : Vaddr(d.symbol->st_value) + d.module->bias;
}

// The tables that are trusted since the module was described: relocations must not overwrite them.
// Linkers put them where nothing is relocated.
std::array<AddressRange, 3> trusted_parts(const Module& module) {
  const SymbolTable& table = module.symbols();
  const GnuHash& gnu = table.gnu;
  const uint32_t hashed = gnu.end_symbol - gnu.first_symbol;
  Address strings(table.strings), hash(gnu.bloom), headers(module.segments.headers.data());
  return {AddressRange{strings, strings + ByteCount(table.strings_size)},
          AddressRange{hash, gnu.bloom == nullptr ? hash : Address(gnu.chains + hashed)},
          AddressRange{headers, headers + ByteCount(module.segments.headers.size_bytes())}};
}

// Cuts `whole` down to the part around [at, at + size) between the trusted tables. Returns false if
// a table lies there.
bool narrow(AddressRange& whole, Address at, size_t size, const Module& module) {
  for (AddressRange trusted : trusted_parts(module)) {
    bool is_below = at + ByteCount(size) <= trusted.start, is_above = trusted.end <= at;
    if (trusted.empty()) continue;
    if (!is_below && !is_above) return false;
    if (is_below && trusted.start < whole.end) whole.end = trusted.start;
    if (is_above && whole.start < trusted.end) whole.start = trusted.end;
  }
  return true;
}

bool is_indirect(const Definition& d) {
  return d.symbol != nullptr && symbol_type(*d.symbol) == STT_GNU_IFUNC &&
         d.symbol->st_shndx != SHN_UNDEF;
}

}  // namespace

Linker::Linker(const Scope& scope, const LinkPolicy& policy, const TlsAccess& tls, uint64_t hwcap,
               uint64_t hwcap2, PageSize page, Arena& scratch)
    : scope_(scope),
      policy_(policy),
      tls_(tls),
      hwcap_(hwcap),
      hwcap2_(hwcap2),
      page_(page),
      scratch_(scratch) {
  for (const Module* m : scope.order()) {
    bool fixed = m->kind == ModuleKind::kProgram && m->bias == LoadBias(0);
    has_canonical_plt_ = has_canonical_plt_ || fixed;
  }
}

bool Linker::is_writable(const Module& module, Vaddr place, size_t size) {
  for (const Phdr& ph : module.segments.headers) {
    if (ph.p_type != PT_LOAD || (ph.p_flags & PF_W) == 0 || place.value < ph.p_vaddr) continue;
    if (!range_fits(place.value - ph.p_vaddr, size, ph.p_memsz)) continue;
    Address start = Vaddr(ph.p_vaddr) + module.bias;
    AddressRange part{start, start + ByteCount(ph.p_memsz)};
    if (!narrow(part, place + module.bias, size, module)) return false;
    writable_ = {(part.start - module.bias).value, part.length().value};
    return true;
  }
  return false;
}

Status Linker::check_place(const Module& module, const Rela& r, size_t size) {
  if (range_fits(r.r_offset - writable_.start, size, writable_.length)) return {};
  if (is_writable(module, Vaddr(r.r_offset), size)) return {};
  const Phdr* load = find_load(module.segments.headers, Vaddr(r.r_offset), ByteCount(size));
  if (load == nullptr) return at_place(Fault::kRelocationOutside, module, r);
  bool in_tables = (load->p_flags & PF_W) != 0;
  return at_place(in_tables ? Fault::kRelocationInTables : Fault::kTextRelocation, module, r);
}

// Linkers sort relocations by symbol, so a few answers are enough for nearly all that come again. A
// place for each symbol would touch a page here and there for every lookup.
void Linker::make_room_for_answers(size_t symbols) {
  constexpr size_t kMost = 256;
  size_t wanted = symbols < kMost ? std::bit_ceil(symbols) : kMost;
  if (wanted <= cache_size_) return;
  cache_ = scratch_.make_zeroed_array<Resolved>(wanted);
  cache_size_ = wanted;
}

Status Linker::relocate(Module& module) {
  trace::log(Topic::kReloc, {Event::kRelocating, {module.display_name()}});
  writable_ = {0, 0};
  make_room_for_answers(module.symbols().count);
  prefault(module);
  if (Status s = relocate_packed(module); !s) return s;
  if (Status s = relocate_list(module, module.tables.rela, module.dynamic.relative_count); !s)
    return s;
  return relocate_list(module, module.tables.plt, 0);
}

// Makes pages present with one call instead of a fault for each, if relocations will write nearly
// all of them. Kernels before 5.14 refuse; the faults then come.
void Linker::prefault(const Module& module) const {
  constexpr uint64_t kDense = 8;  // relocations in a page; with fewer, a fault for each is cheaper
  constexpr uint64_t kFewPages = 16;
  uint64_t count = module.dynamic.relative_count;
  if (count < kDense * kFewPages) return;
  const Rela& first = module.tables.rela[0];
  const Rela& last = module.tables.rela[count - 1];
  AddressRange range{page_.down(Vaddr(first.r_offset) + module.bias),
                     page_.up(Vaddr(last.r_offset) + module.bias)};
  uint64_t pages = range.empty() ? 0 : range.length().value / page_.value;
  bool inside = module.span.start <= range.start && range.end <= module.span.end;
  if (inside && pages >= kFewPages && count / pages >= kDense) populate_for_writing(range);
}

// DT_RELR: an even word is an address to relocate; an odd word is a bit map of the 63 words that
// follow.
Status Linker::relocate_packed(Module& module) {
  // A bit map must follow an address.
  if (!module.tables.relr.empty() && (module.tables.relr[0] & 1) != 0) {
    Error e = fault(Fault::kBadRelr);
    e.object = module.display_name();
    e.place = Place::kVaddr;
    e.where = module.dynamic.relr.start.value;
    return e;
  }
  uint64_t place = 0;
  Rela as_rela = {0, Native::kRelativeType, 0};
  auto apply = [&](uint64_t at) -> Status {
    as_rela.r_offset = at;
    if (Status s = check_place(module, as_rela, 8); !s) return s;
    Address word = Vaddr(at) + module.bias;
    store(word, load_word(word) + module.bias.value);
    ++statistics_.relative;
    return {};
  };
  for (uint64_t entry : module.tables.relr) {
    if ((entry & 1) == 0) {
      if (Status s = apply(entry); !s) return s;
      place = entry + 8;
      continue;
    }
    uint64_t at = place;
    for (uint64_t bits = entry >> 1; bits != 0; bits >>= 1, at += 8) {
      if ((bits & 1) == 0) continue;
      if (Status s = apply(at); !s) return s;
    }
    place += uint64_t{63} * 8;
  }
  return {};
}

Status Linker::relocate_list(Module& module, std::span<const Rela> list, size_t relative_count) {
  const Rela* r = list.data();
  const Rela* relative_end = r + relative_count;
  const Rela* end = r + list.size();
  const uint64_t bias = module.bias.value;
  for (; r < relative_end && r->r_info == Native::kRelativeType; ++r) {
    if (!range_fits(r->r_offset - writable_.start, 8, writable_.length)) {
      if (Status s = check_place(module, *r, 8); !s) return s;
    }
    store(Address(bias + r->r_offset), bias + static_cast<uint64_t>(r->r_addend));
  }
  statistics_.relative += static_cast<uint64_t>(r - list.data());
  LookAhead ahead(scope_, module, {r, end});
  for (; r < end; ++r) {
    const uint32_t known_hash = ahead.step();
    if (Status s = relocate_one(module, *r, known_hash); !s) return s;
  }
  return {};
}

Status Linker::relocate_one(Module& module, const Rela& r, uint32_t known_hash) {
  RelocationKind kind = Native::kind(relocation_type(r));
  if (kind == RelocationKind::kNothing) return {};
  if (kind == RelocationKind::kUnknown) return at_place(Fault::kUnknownRelocation, module, r);
  ++statistics_.relocations;
  if (kind == RelocationKind::kCopy) return copy(module, r);
  if (Status s = check_place(module, r, size_of(kind)); !s) return s;
  Address place = Vaddr(r.r_offset) + module.bias;
  uint64_t based = module.bias.value + static_cast<uint64_t>(r.r_addend);
  switch (kind) {
    case RelocationKind::kRelative:
      store(place, based);
      return {};
    case RelocationKind::kIndirect:
      indirect_.add(scratch_, {place, Address(based), 0});
      return {};
    default:
      return relocate_symbolic(module, r, kind, known_hash);
  }
}

// Leaves the slot pointing into the procedure linkage table. The table's first entry reads the
// object and the code to enter from the second and third word of the GOT. Returns false if the
// object does not support this.
bool Linker::leave_to_first_call(Module& module, const Rela& r) {
  bool binds_now = module.has_flag(DF_BIND_NOW) || (module.dynamic.flags_1 & DF_1_NOW) != 0;
  if (policy_.bind_at_first_call.value == 0 || binds_now) return false;
  Address slot = Vaddr(r.r_offset) + module.bias;
  uint64_t entry = load_word(slot);
  bool is_code = find_load(module.segments.headers, Vaddr(entry), ByteCount(1), PF_X) != nullptr;
  for (const Dyn& dyn : module.dynamic.entries) {
    if (dyn.d_tag != DT_PLTGOT || !is_code) continue;
    Vaddr table(dyn.d_un.d_ptr);
    if (!is_writable(module, table, 24)) return false;
    Address words = table + module.bias;
    store(words + ByteCount(8), reinterpret_cast<uintptr_t>(&module));
    store(words + ByteCount(16), policy_.bind_at_first_call.value);
    store(slot, entry + module.bias.value);
    return true;
  }
  return false;
}

Status Linker::relocate_symbolic(Module& module, const Rela& r, RelocationKind kind,
                                 uint32_t known_hash) {
  uint32_t index = relocation_symbol(r);
  if (Status s = check_symbol(module, r); !s) return s;
  ReferenceKind reference =
      kind == RelocationKind::kCallSlot ? ReferenceKind::kCall : ReferenceKind::kAddress;
  Definition target{&module, nullptr};
  if (index != 0) {
    Result<Definition> resolved = resolve(module, index, reference, known_hash);
    if (!resolved) {
      if (resolved.error().fault != Fault::kSymbolMissing) return resolved.error();
      if (kind == RelocationKind::kCallSlot && leave_to_first_call(module, r)) return {};
      missing_.add(scratch_, resolved.error());
      return {};
    }
    target = *resolved;
    bool is_undefined_call = kind == RelocationKind::kCallSlot && target.module == nullptr;
    if (is_undefined_call && leave_to_first_call(module, r)) return {};
  }
  Address place = Vaddr(r.r_offset) + module.bias;
  bool counts = Native::kSlotsHaveAddend || !is_slot(kind);
  uint64_t addend = counts ? static_cast<uint64_t>(r.r_addend) : 0;
  uint64_t value = (index == 0 ? module.bias.value : value_of(target).value) + addend;
  switch (kind) {
    case RelocationKind::kAbsolute64:
    case RelocationKind::kSlot:
    case RelocationKind::kCallSlot:
      if (is_indirect(target)) {
        indirect_.add(scratch_, {place, value_of(target), addend});
      } else {
        store(place, value);
      }
      return {};
    case RelocationKind::kAbsolute32:
    case RelocationKind::kAbsolute16:
    case RelocationKind::kPcRelative64:
    case RelocationKind::kPcRelative32:
    case RelocationKind::kPcRelative16:
      break;
    case RelocationKind::kSize64:
    case RelocationKind::kSize32:
      value = (target.symbol == nullptr ? 0 : target.symbol->st_size) + addend;
      break;
    default:
      return relocate_tls(module, r, kind, target);
  }
  if (store_number(kind, place, value)) return {};
  return at_place(Fault::kRelocationOverflow, module, r);
}

// Copies a library's object into the program. For objects of libc its own rtld does that
// (libc/stand_in.cc).
Status Linker::copy(Module& module, const Rela& r) {
  uint32_t index = relocation_symbol(r);
  if (module.kind != ModuleKind::kProgram) return at_place(Fault::kCopyOutsideProgram, module, r);
  if (index == 0) return at_place(Fault::kSymbolIndexOutside, module, r);
  if (Status s = check_symbol(module, r); !s) return s;
  const Sym& own = module.symbols().symbols[index];
  const char* name = module.symbols().name(own);
  SymbolQuery wanted{name, gnu_hash(name), module.symbols().version_of(index)};
  Definition source = scope_.find(wanted, ReferenceKind::kAddress, &module);
  ++statistics_.lookups;
  if (!source.is_there()) {
    if (symbol_binding(own) == STB_WEAK) return {};
    Error e = at_place(Fault::kSymbolMissing, module, r);
    e.name = name;
    if (wanted.version != nullptr) e.version = wanted.version->name;
    missing_.add(scratch_, e);
    return {};
  }
  tell_binding(module, source, wanted);
  if (own.st_size < source.symbol->st_size) {
    Error e = at_place(Fault::kCopySizeDiffers, module, r);
    e.name = name;
    cut_copies_.add(scratch_, e);
  }
  if (!source.module->is_linked_by_us()) return {};
  uint64_t size = source.symbol->st_size < own.st_size ? source.symbol->st_size : own.st_size;
  bool is_behind =
      is_rest_of_page(module.segments.headers, Vaddr(r.r_offset), ByteCount(size), page_);
  if (Status s = is_behind ? Status() : check_place(module, r, size); !s) return s;
  Vaddr from(source.symbol->st_value);
  bool is_in_object = source.symbol->st_shndx != SHN_ABS &&
                      loads_cover(source.module->segments.headers, from, ByteCount(size), PF_R);
  if (!is_in_object) {
    Error e = at_place(Fault::kCopySourceOutside, *source.module, r);
    e.where = from.value;
    e.name = wanted.name;
    return e;
  }
  AddressRange original{value_of(source), value_of(source) + ByteCount(size)};
  Address place = Vaddr(r.r_offset) + module.bias;
  __builtin_memcpy(place.as<void>(), original.start.as<const void>(), size);
  copy_indirect(original, place);
  return {};
}

// If the original has words that still wait for an IFUNC resolver, their copies wait too.
void Linker::copy_indirect(AddressRange original, Address copy) {
  for (size_t i = 0, count = indirect_.size(); i < count; ++i) {
    Indirect waiting = indirect_[i];
    if (!original.contains(waiting.place) || original.end - waiting.place < ByteCount(8)) continue;
    waiting.place = copy + (waiting.place - original.start);
    indirect_.add(scratch_, waiting);
  }
}

void Linker::apply_indirect() {
  for (const Indirect& i : indirect_) {
    store(i.place, call_ifunc_resolver(i.resolver.value, hwcap_, hwcap2_) + i.addend);
  }
  indirect_.clear();
}

}  // namespace ldseal
