// The image is one block of memory. First the sizes of its parts are computed, then the parts are
// written. Every address in it is the target minus the load bias, modulo 2^64; that works for
// targets outside the image, too.
#include "ldso/libc/stand_in.h"

#include "ldso/base/text.h"
#include "ldso/elf/hash.h"

namespace ldseal {
namespace {

constexpr size_t kHeaderCount = 7;
constexpr size_t kDynamicCapacity = 24;
constexpr uint64_t kPieceAlignment = 16;

// NT_GNU_PROPERTY_TYPE_0 with one property (Linux gABI extensions).
struct PropertyNote {
  Elf64_Nhdr header;
  char name[4];
  uint32_t type, size, bits, padding;
};

// Where each part begins, in bytes from the base.
struct Layout {
  uint64_t headers, interpreter, property, symbols, version_symbols, version_need, hash, rela,
      resolved, dynamic, strings, end;
  size_t strings_size, symbol_count, rela_count, version_count;
};

size_t bytes_of(const char* text) { return text_length(text) + 1; }

Layout lay_out(const StandInPlan& plan) {
  Layout l = {};
  l.symbol_count = plan.symbols.size() + 1;
  l.strings_size = 1 + bytes_of(plan.libc_name);
  for (const StandInSymbol& s : plan.symbols) {
    l.strings_size += bytes_of(s.name);
    if (!s.is_copied) continue;
    ++l.rela_count;
    if (s.copy_version != nullptr) ++l.version_count, l.strings_size += bytes_of(s.copy_version);
  }
  if (plan.resolver.value != 0) ++l.rela_count;
  uint64_t at = sizeof(Ehdr);
  auto take = [&at](uint64_t size) {
    uint64_t here = at;
    at = round_up(at + size, kPieceAlignment);
    return here;
  };
  l.headers = take(kHeaderCount * sizeof(Phdr));
  l.interpreter = take(bytes_of(plan.interpreter));
  l.property = take(sizeof(PropertyNote));
  l.symbols = take(l.symbol_count * sizeof(Sym));
  l.version_symbols = take(l.symbol_count * 2);
  l.version_need = take(sizeof(Elf64_Verneed) + l.version_count * sizeof(Elf64_Vernaux));
  l.hash = take((2 + 2 * l.symbol_count) * 4);
  l.rela = take(l.rela_count * sizeof(Rela));
  l.resolved = take(sizeof(uint64_t));
  l.dynamic = take(kDynamicCapacity * sizeof(Dyn));
  l.strings = take(l.strings_size);
  l.end = at;
  return l;
}

class Writer {
 public:
  Writer(const StandInPlan& plan, const Layout& layout, Address base)
      : plan_(plan), l_(layout), base_(base), bias_(plan.bias.value_or(LoadBias(base.value))) {}

  void write() {
    libc_name_ = add_string(plan_.libc_name);
    write_headers();
    write_symbols();
    write_resolver();
    write_hash();
    write_dynamic();
  }

 private:
  template <class T>
  T* at(uint64_t offset) const {
    return (base_ + ByteCount(offset)).as<T>();
  }
  uint64_t linked(Address a) const { return a.value - bias_.value; }
  uint64_t linked(uint64_t offset) const { return linked(base_ + ByteCount(offset)); }

  uint32_t add_string(const char* text) {
    size_t start = strings_used_;
    __builtin_memcpy(at<char>(l_.strings + start), text, bytes_of(text));
    strings_used_ += bytes_of(text);
    return static_cast<uint32_t>(start);
  }

  void write_header(size_t index, uint32_t type, uint32_t flags, uint64_t offset, uint64_t size,
                    uint64_t alignment) {
    uint64_t start = linked(offset);
    at<Phdr>(l_.headers)[index] = {type, flags, offset, start, start, size, size, alignment};
  }

  void write_headers() {
    Ehdr* h = at<Ehdr>(0);
    __builtin_memcpy(h->e_ident, ELFMAG, SELFMAG);
    h->e_ident[EI_CLASS] = ELFCLASS64;
    h->e_ident[EI_DATA] = ELFDATA2LSB;
    h->e_ident[EI_VERSION] = EV_CURRENT;
    h->e_type = ET_DYN;
    h->e_phoff = l_.headers;
    h->e_phentsize = sizeof(Phdr);
    h->e_phnum = kHeaderCount;
    h->e_ehsize = sizeof(Ehdr);
    size_t name_size = bytes_of(plan_.interpreter);
    __builtin_memcpy(at<char>(l_.interpreter), plan_.interpreter, name_size);
    size_t headers_size = kHeaderCount * sizeof(Phdr);
    write_header(0, PT_PHDR, PF_R, l_.headers, headers_size, 8);
    write_header(1, PT_INTERP, PF_R, l_.interpreter, name_size, 1);
    // Not writable: musl gives the unused end of a writable segment's page to malloc.
    write_header(2, PT_LOAD, PF_R, 0, l_.end, 16);
    write_header(3, PT_DYNAMIC, PF_R | PF_W, l_.dynamic, kDynamicCapacity * sizeof(Dyn), 8);
    write_header(4, PT_GNU_STACK, PF_R | PF_W, 0, plan_.stack_size.value, 16);
    uint64_t size = plan_.tls.size.value;
    if (size == 0) {
      write_header(5, PT_NULL, 0, 0, 0, 1);
    } else {
      write_header(5, PT_TLS, PF_R, plan_.tls_image.value - base_.value, size, plan_.tls.alignment);
    }
    write_property();
  }

  void write_property() {
    if (plan_.features == 0) return write_header(6, PT_NULL, 0, 0, 0, 1);
    constexpr uint32_t kDescriptor = 4 * sizeof(uint32_t);
    *at<PropertyNote>(l_.property) = {{4, kDescriptor, NT_GNU_PROPERTY_TYPE_0},
                                      {'G', 'N', 'U', 0},
                                      plan_.feature_property,
                                      sizeof(uint32_t),
                                      plan_.features,
                                      0};
    write_header(6, PT_GNU_PROPERTY, PF_R, l_.property, sizeof(PropertyNote), 8);
  }

  // Version index 1 is VER_NDX_GLOBAL: such a definition matches a reference with any version. What
  // is copied may be missing in libc: ld-seal says so when it links the program.
  void write_symbols() {
    auto* need = at<Elf64_Verneed>(l_.version_need);
    auto* versions = reinterpret_cast<Elf64_Vernaux*>(need + 1);
    size_t version_count = 0;
    for (size_t i = 0; i < plan_.symbols.size(); ++i) {
      const StandInSymbol& from = plan_.symbols[i];
      Sym& to = at<Sym>(l_.symbols)[i + 1];
      to.st_name = add_string(from.name);
      unsigned binding = from.is_copied ? STB_WEAK : STB_GLOBAL;
      to.st_info = static_cast<unsigned char>((binding << 4) | from.type);
      to.st_shndx = 1;  // any section: defined
      to.st_value = linked(from.value);
      to.st_size = from.size;
      at<uint16_t>(l_.version_symbols)[i + 1] = 1;
      if (!from.is_copied) continue;
      add_relocation({to.st_value, (uint64_t{i + 1} << 32) | plan_.copy_type, 0});
      if (from.copy_version == nullptr) continue;
      auto index = static_cast<uint16_t>(2 + version_count);
      at<uint16_t>(l_.version_symbols)[i + 1] = index;
      versions[version_count++] = {sysv_hash(from.copy_version), 0, index,
                                   add_string(from.copy_version), sizeof(Elf64_Vernaux)};
    }
    if (version_count == 0) return;
    versions[version_count - 1].vna_next = 0;
    *need = {1, static_cast<uint16_t>(version_count), libc_name_, sizeof(Elf64_Verneed), 0};
  }

  void write_resolver() {
    if (plan_.resolver.value == 0) return;
    auto resolver = static_cast<int64_t>(linked(plan_.resolver));
    add_relocation({linked(l_.resolved), plan_.irelative_type, resolver});
  }

  void add_relocation(const Rela& relocation) { at<Rela>(l_.rela)[relocations_++] = relocation; }

  void write_hash() {
    auto count = static_cast<uint32_t>(l_.symbol_count);
    uint32_t* head = at<uint32_t>(l_.hash);
    head[0] = count;
    head[1] = count;
    uint32_t* buckets = head + 2;
    uint32_t* chains = buckets + count;
    for (uint32_t i = 1; i < count; ++i) {
      uint32_t& bucket = buckets[sysv_hash(plan_.symbols[i - 1].name) % count];
      chains[i] = bucket;
      bucket = i;
    }
  }

  void add(int64_t tag, uint64_t value) { at<Dyn>(l_.dynamic)[entries_++] = {tag, {value}}; }

  void write_dynamic() {
    add(DT_NEEDED, libc_name_);
    add(DT_HASH, linked(l_.hash));
    add(DT_STRTAB, linked(l_.strings));
    add(DT_SYMTAB, linked(l_.symbols));
    add(DT_STRSZ, l_.strings_size);
    add(DT_SYMENT, sizeof(Sym));
    add(DT_DEBUG, 0);
    add(DT_FLAGS, DF_BIND_NOW);
    if (l_.version_count != 0) {
      add(DT_VERSYM, linked(l_.version_symbols));
      add(DT_VERNEED, linked(l_.version_need));
      add(DT_VERNEEDNUM, 1);
    }
    if (l_.rela_count != 0) {
      add(DT_RELA, linked(l_.rela));
      add(DT_RELASZ, l_.rela_count * sizeof(Rela));
      add(DT_RELAENT, sizeof(Rela));
    }
    if (plan_.init.value != 0) add(DT_INIT, linked(plan_.init));
    add_array(DT_INIT_ARRAY, DT_INIT_ARRAYSZ, plan_.init_array);
    add(DT_NULL, 0);
  }

  void add_array(int64_t start_tag, int64_t size_tag, AddressRange array) {
    if (array.empty()) return;
    add(start_tag, linked(array.start));
    add(size_tag, array.length().value);
  }

  const StandInPlan& plan_;
  const Layout& l_;
  Address base_;
  LoadBias bias_;
  size_t strings_used_ = 1;
  size_t relocations_ = 0;
  size_t entries_ = 0;
  uint32_t libc_name_ = 0;
};

const Dyn* find_debug_entry(const Dyn* entry) {
  for (; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_DEBUG) return entry;
  }
  return nullptr;
}

}  // namespace

StandIn build_stand_in(const StandInPlan& plan, Arena& permanent) {
  Layout layout = lay_out(plan);
  uint64_t alignment = plan.tls.alignment > kPieceAlignment ? plan.tls.alignment : kPieceAlignment;
  StandIn stand_in;
  stand_in.base = Address(permanent.allocate(layout.end, alignment));
  Writer(plan, layout, stand_in.base).write();
  stand_in.headers = stand_in.base + ByteCount(layout.headers);
  stand_in.header_count = kHeaderCount;
  stand_in.debug = find_debug_entry((stand_in.base + ByteCount(layout.dynamic)).as<const Dyn>());
  return stand_in;
}

}  // namespace ldseal
