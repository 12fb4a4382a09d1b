// The symbol table of one object with its hashes and versions, and the look-up in it.
#pragma once

#include <cstdint>

#include "ldso/elf/hash.h"
#include "ldso/elf/types.h"

namespace ldseal {

// One row for each version index of an object: what it defines (DT_VERDEF) or needs of others
// (DT_VERNEED).
struct Version {
  const char* name = nullptr;  // null: no such index; index 0 and 1 have no name to match
  const char* file =
      nullptr;        // of a need: the DT_NEEDED name that must define it; null for a definition
  uint32_t hash = 0;  // sysv_hash of the name, as vd_hash and vna_hash have it
  bool weak = false;  // VER_FLG_WEAK: absence is no error
  bool hidden_need = false;  // vna_other has the hidden bit: only this very version will do
};

struct SymbolTable {
  const Sym* symbols = nullptr;
  uint32_t count = 0;
  const char* strings = nullptr;  // ends in NUL
  uint64_t strings_size = 0;
  GnuHash gnu;    // bloom == nullptr: absent
  SysvHash sysv;  // buckets == nullptr: absent
  const uint16_t* version_symbols = nullptr;
  const Version* versions = nullptr;
  uint32_t version_count = 0;

  const char* name(const Sym& s) const {
    return s.st_name < strings_size ? strings + s.st_name : "";
  }
  const char* text(uint64_t offset) const {
    return offset < strings_size ? strings + offset : nullptr;
  }
  uint32_t index_of(const Sym& s) const { return static_cast<uint32_t>(&s - symbols); }
  // gnu_hash of the name of symbol `index`: read out of DT_GNU_HASH where that can be, without
  // touching the name.
  uint32_t hash_of(uint32_t index) const;
  // The version that symbol `index` has or needs; null where it has none.
  const Version* version_of(uint32_t index) const;
  // Symbols that a look-up by name could find: how large an index over this table would be.
  uint32_t exported_count() const;
};

// What a reference looks for.
struct SymbolQuery {
  const char* name = nullptr;
  uint32_t hash = 0;                 // gnu_hash(name)
  const Version* version = nullptr;  // null: no version asked
  // The symbol that refers, where it is a definition too: it is known to answer itself. Null for
  // other references.
  const Sym* own_definition = nullptr;
  bool newest = false;  // dlsym: of several versions only a default one, never the oldest
};

// What symbol `index` of `table` looks for when it is bound.
SymbolQuery wanted_by(const SymbolTable& table, uint32_t index);

// Which definitions answer. A `call` (JUMP_SLOT) must not find the canonical PLT entry that a
// fixed-address program has for a function it does not define; everything else must, so that
// function addresses are equal everywhere.
enum class ReferenceKind : uint8_t { kAddress, kCall };

// Is symbol `index` of `table` a definition that may answer `wanted`, its version aside?
bool defines(const SymbolTable& table, uint32_t index, const SymbolQuery& wanted,
             ReferenceKind kind);

enum class VersionMatch : uint8_t { kYes, kNo, kOnlyIfSingle };

// Does the version of symbol `index` answer? kOnlyIfSingle: an unversioned reference to an object
// that has several versions of the name takes this one if it is the only default among them
// (glibc's rule).
VersionMatch version_matches(const SymbolTable& table, uint32_t index, const SymbolQuery& wanted);

// Looks `wanted` up in this one table; null when it is not there.
const Sym* find_symbol(const SymbolTable& table, const SymbolQuery& wanted, ReferenceKind kind);

}  // namespace ldseal
