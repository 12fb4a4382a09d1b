// Finds and checks the tables of one object. Relocates nothing and looks nothing up.
#include "ldso/elf/tables.h"

#include "ldso/elf/versions.h"

namespace ldseal {
namespace {

Error outside(const char* field, Vaddr at, ByteCount size) {
  Error e = fault(Fault::kTableOutside);
  e.field = field;
  e.place = Place::kVaddr;
  e.where = at.value;
  e.found = at.value;
  e.wanted = size.value;
  return e;
}

Error bad_hash(const char* field, uint64_t found, uint64_t wanted) {
  Error e = fault(Fault::kBadHashTable);
  e.field = field;
  e.found = found;
  e.wanted = wanted;
  return e;
}

template <class T>
Result<std::span<const T>> read_table(const ImageView& image, const char* field,
                                      const Table& table) {
  if (table.size.value == 0) return std::span<const T>();
  const T* start = image.at<const T>(table.start, table.size);
  if (start == nullptr) return outside(field, table.start, table.size);
  return std::span<const T>(start, table.size.value / sizeof(T));
}

Status read_strings(const ImageView& image, const Dynamic& dynamic, SymbolTable& table) {
  if (!dynamic.strings.present) {
    Error e = fault(Fault::kTableMissing);
    e.field = "DT_STRTAB";
    return e;
  }
  table.strings = image.at<const char>(dynamic.strings.value, dynamic.strings_size);
  table.strings_size = dynamic.strings_size.value;
  if (table.strings == nullptr || table.strings_size == 0) {
    return outside("DT_STRTAB", dynamic.strings.value, dynamic.strings_size);
  }
  if (table.strings[table.strings_size - 1] != '\0') return fault(Fault::kStringsUnterminated);
  return {};
}

Status read_sysv_hash(const ImageView& image, Vaddr at, SysvHash& hash) {
  const uint32_t* head = image.at<const uint32_t>(at, ByteCount(8));
  if (head == nullptr) return outside("DT_HASH", at, ByteCount(8));
  ByteCount size((2 + uint64_t{head[0]} + head[1]) * 4);
  if (image.at<const uint32_t>(at, size) == nullptr) return outside("DT_HASH", at, size);
  hash = {head[0], head[1], head + 2, head + 2 + head[0]};
  return {};
}

// The largest bucket leads to the last chain. The symbol table ends where that chain ends.
Result<uint32_t> count_symbols(const GnuHash& gnu, uint64_t chain_capacity) {
  uint32_t last = 0;
  // The smallest bucket in use, minus one. An empty bucket, 0, wraps to the largest number.
  uint32_t least_less_one = UINT32_MAX;
  for (uint32_t i = 0; i < gnu.bucket_count; ++i) {
    uint32_t bucket = gnu.buckets[i];
    last = bucket > last ? bucket : last;
    least_less_one = bucket - 1 < least_less_one ? bucket - 1 : least_less_one;
  }
  if (last == 0) return gnu.first_symbol;
  if (least_less_one + 1 < gnu.first_symbol) {
    return bad_hash("DT_GNU_HASH bucket", least_less_one + 1, gnu.first_symbol);
  }
  for (uint64_t i = last - gnu.first_symbol; i < chain_capacity; ++i) {
    uint64_t count = gnu.first_symbol + i + 1;
    if (count > UINT32_MAX) return bad_hash("DT_GNU_HASH chain", count, UINT32_MAX);
    if ((gnu.chains[i] & 1) != 0) return static_cast<uint32_t>(count);
  }
  return bad_hash("DT_GNU_HASH chain", last, gnu.first_symbol + chain_capacity);
}

Result<uint32_t> read_gnu_hash(const ImageView& image, Vaddr at, GnuHash& hash) {
  const uint32_t* head = image.at<const uint32_t>(at, ByteCount(16));
  if (head == nullptr) return outside("DT_GNU_HASH", at, ByteCount(16));
  uint32_t bloom_words = head[2];
  if (head[0] == 0) return bad_hash("DT_GNU_HASH nbuckets", 0, 1);
  if (!is_power_of_two(bloom_words)) return bad_hash("DT_GNU_HASH bloom_size", bloom_words, 1);
  if (head[3] >= 32) return bad_hash("DT_GNU_HASH bloom_shift", head[3], 31);
  uint64_t fixed = 16 + uint64_t{bloom_words} * 8 + uint64_t{head[0]} * 4;
  if (at.value % 8 != 0 || image.at<const uint32_t>(at, ByteCount(fixed)) == nullptr) {
    return outside("DT_GNU_HASH", at, ByteCount(fixed));
  }
  hash.bucket_count = head[0];
  hash.first_symbol = head[1];
  hash.bloom_mask = bloom_words - 1;
  hash.bloom_shift = head[3];
  hash.bloom = reinterpret_cast<const uint64_t*>(head + 4);
  hash.buckets = reinterpret_cast<const uint32_t*>(hash.bloom + bloom_words);
  hash.chains = hash.buckets + hash.bucket_count;
  uint64_t room = image.available(at).value - fixed;
  Result<uint32_t> count = count_symbols(hash, room / 4);
  if (count) hash.end_symbol = *count;
  return count;
}

Status read_hashes(const ImageView& image, const Dynamic& dynamic, SymbolTable& table) {
  if (dynamic.hash.present) {
    if (Status s = read_sysv_hash(image, dynamic.hash.value, table.sysv); !s) return s;
    table.count = table.sysv.chain_count;
  }
  if (dynamic.gnu_hash.present) {
    Result<uint32_t> count = read_gnu_hash(image, dynamic.gnu_hash.value, table.gnu);
    if (!count) return count.error();
    if (*count > table.count) table.count = *count;
    return {};
  }
  return {};
}

// Returns the highest symbol index in a relocation, plus one: it bounds a table that has no hash.
uint32_t count_by_relocations(const Tables& tables) {
  uint32_t count = 0;
  for (std::span<const Rela> list : {tables.rela, tables.plt}) {
    for (const Rela& r : list) {
      if (relocation_symbol(r) >= count) count = relocation_symbol(r) + 1;
    }
  }
  return count;
}

Status read_symbols(const ImageView& image, const Dynamic& dynamic, Tables& tables) {
  SymbolTable& table = tables.symbols;
  if (Status s = read_hashes(image, dynamic, table); !s) return s;
  // An object that exports nothing has an empty DT_GNU_HASH. Its first_symbol need not count the
  // undefined symbols.
  if (table.gnu.end_symbol == table.gnu.first_symbol) {
    uint32_t used = count_by_relocations(tables);
    if (table.sysv.buckets == nullptr && used > table.count) table.count = used;
  }
  if (table.count == 0) return {};
  if (!dynamic.symbols.present) {
    Error e = fault(Fault::kTableMissing);
    e.field = "DT_SYMTAB";
    return e;
  }
  ByteCount size(uint64_t{table.count} * sizeof(Sym));
  table.symbols = image.at<const Sym>(dynamic.symbols.value, size);
  if (table.symbols == nullptr || dynamic.symbols.value.value % 8 != 0) {
    return outside("DT_SYMTAB", dynamic.symbols.value, size);
  }
  return {};
}

}  // namespace

Result<Tables> read_tables(const ImageView& image, const Dynamic& dynamic, Arena& arena) {
  Tables tables;
  if (Status s = read_strings(image, dynamic, tables.symbols); !s) return s.error();
  auto rela = read_table<Rela>(image, "DT_RELA", dynamic.rela);
  if (!rela) return rela.error();
  auto plt = read_table<Rela>(image, "DT_JMPREL", dynamic.plt);
  if (!plt) return plt.error();
  auto relr = read_table<uint64_t>(image, "DT_RELR", dynamic.relr);
  if (!relr) return relr.error();
  tables.rela = *rela;
  tables.plt = *plt;
  tables.relr = *relr;
  if (Status s = read_symbols(image, dynamic, tables); !s) return s.error();
  if (Status s = read_versions(image, dynamic, tables.symbols, arena); !s) return s.error();
  return tables;
}

}  // namespace ldseal
