// Look-up in the table of one object. The rules for versions are those of glibc's do-lookup.h and
// of "GNU symbol versioning": a hidden definition matches only its own version, and an object
// without versions matches all.
#include "ldso/elf/symbols.h"

#include "ldso/base/text.h"

namespace ldseal {

const Version* SymbolTable::version_of(uint32_t index) const {
  if (version_symbols == nullptr) return nullptr;
  uint32_t version = version_symbols[index] & kVersionIndexMask;
  if (version >= version_count || versions[version].name == nullptr) return nullptr;
  return &versions[version];
}

// A chain entry lacks the lowest bit of the hash, so there are two candidates. They fall into
// neighbouring buckets, and linkers give buckets ascending ranges of symbols. If that does not
// decide it, the name is hashed.
uint32_t SymbolTable::hash_of(uint32_t index) const {
  if (gnu.bloom == nullptr || index < gnu.first_symbol || index >= gnu.end_symbol)
    return gnu_hash(name(symbols[index]));
  uint32_t odd = gnu.chains[index - gnu.first_symbol] | 1;
  uint32_t bucket = odd % gnu.bucket_count;
  if (bucket == 0) return gnu_hash(name(symbols[index]));
  uint32_t odd_start = gnu.buckets[bucket], even_start = gnu.buckets[bucket - 1];
  if (odd_start != 0 && odd_start <= index) return odd;
  bool in_even = even_start != 0 && even_start <= index;
  return in_even ? odd & ~1u : gnu_hash(name(symbols[index]));
}

SymbolQuery wanted_by(const SymbolTable& table, uint32_t index, uint32_t known_hash) {
  const Sym& s = table.symbols[index];
  const Sym* definition = s.st_shndx == SHN_UNDEF ? nullptr : &s;
  const uint32_t hash = known_hash != 0 ? known_hash : table.hash_of(index);
  return {table.name(s), hash, table.version_of(index), definition};
}

uint32_t SymbolTable::exported_count() const {
  if (gnu.bloom != nullptr) return gnu.end_symbol - gnu.first_symbol;
  return count;
}

bool defines(const SymbolTable& table, uint32_t index, const SymbolQuery& wanted,
             ReferenceKind kind) {
  const Sym& s = table.symbols[index];
  unsigned type = symbol_type(s);
  if (s.st_value == 0 && s.st_shndx != SHN_ABS && type != STT_TLS) return false;
  if (s.st_shndx == SHN_UNDEF && (kind == ReferenceKind::kCall || type != STT_FUNC)) return false;
  bool type_counts =
      type <= STT_FUNC || type == STT_COMMON || type == STT_TLS || type == STT_GNU_IFUNC;
  if (!type_counts) return false;
  unsigned binding = symbol_binding(s);
  if (binding != STB_GLOBAL && binding != STB_WEAK && binding != STB_GNU_UNIQUE) return false;
  unsigned visibility = symbol_visibility(s);
  if (visibility == STV_HIDDEN || visibility == STV_INTERNAL) return false;
  if (&s == wanted.own_definition) return true;
  return s.st_name < table.strings_size && equal_long(table.strings + s.st_name, wanted.name);
}

VersionMatch version_matches(const SymbolTable& table, uint32_t index, const SymbolQuery& wanted) {
  if (table.version_symbols == nullptr) return VersionMatch::kYes;
  uint16_t entry = table.version_symbols[index];
  uint32_t number = entry & kVersionIndexMask;
  bool hidden = (entry & kVersionHidden) != 0;
  if (wanted.version == nullptr) {
    if (number < (wanted.newest ? 2u : 3u)) return VersionMatch::kYes;
    return hidden ? VersionMatch::kNo : VersionMatch::kOnlyIfSingle;
  }
  const Version* has = table.version_of(index);
  if (has != nullptr && has->hash == wanted.version->hash &&
      equal(has->name, wanted.version->name)) {
    return VersionMatch::kYes;
  }
  bool base = has == nullptr && !hidden && !wanted.version->hidden_need;
  return base ? VersionMatch::kYes : VersionMatch::kNo;
}

namespace {

// Collects the matches in one hash chain.
class Candidates {
 public:
  Candidates(const SymbolTable& table, const SymbolQuery& wanted, ReferenceKind kind)
      : table_(table), wanted_(wanted), kind_(kind) {}

  // Returns true if the look-up is over.
  bool consider(uint32_t index) {
    if (!defines(table_, index, wanted_, kind_)) return false;
    switch (version_matches(table_, index, wanted_)) {
      case VersionMatch::kYes:
        found_ = &table_.symbols[index];
        return true;
      case VersionMatch::kOnlyIfSingle:
        if (singles_++ == 0) single_ = &table_.symbols[index];
        return false;
      case VersionMatch::kNo:
        return false;
    }
    return false;
  }
  const Sym* answer() const {
    return found_ != nullptr ? found_ : singles_ == 1 ? single_ : nullptr;
  }

 private:
  const SymbolTable& table_;
  const SymbolQuery& wanted_;
  ReferenceKind kind_;
  const Sym* found_ = nullptr;
  const Sym* single_ = nullptr;
  unsigned singles_ = 0;
};

const Sym* find_by_gnu_hash(const SymbolTable& table, const SymbolQuery& wanted,
                            ReferenceKind kind) {
  const GnuHash& gnu = table.gnu;
  uint32_t index = gnu.chain_of(wanted.hash);
  if (index == 0) return nullptr;
  Candidates candidates(table, wanted, kind);
  while ((index = gnu.first_from(index, wanted.hash)) != 0) {
    if (candidates.consider(index) || gnu.ends_chain(index)) break;
    ++index;
  }
  return candidates.answer();
}

const Sym* find_by_sysv_hash(const SymbolTable& table, const SymbolQuery& wanted,
                             ReferenceKind kind) {
  const SysvHash& sysv = table.sysv;
  if (sysv.bucket_count == 0) return nullptr;
  Candidates candidates(table, wanted, kind);
  uint32_t steps = 0;  // ends the loop if a chain is circular
  for (uint32_t index = sysv.buckets[sysv_hash(wanted.name) % sysv.bucket_count];
       index != 0 && index < sysv.chain_count && steps < sysv.chain_count;
       index = sysv.chains[index], ++steps) {
    if (candidates.consider(index)) break;
  }
  return candidates.answer();
}

}  // namespace

const Sym* find_symbol(const SymbolTable& table, const SymbolQuery& wanted, ReferenceKind kind) {
  if (table.gnu.bloom != nullptr) return find_by_gnu_hash(table, wanted, kind);
  if (table.sysv.buckets != nullptr) return find_by_sysv_hash(table, wanted, kind);
  return nullptr;
}

}  // namespace ldseal
