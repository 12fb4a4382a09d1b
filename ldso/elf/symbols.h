// The symbol table of one object with its hash tables and versions, and the look-up in it.
#pragma once

#include <cstdint>

#include "ldso/elf/hash.h"
#include "ldso/elf/types.h"

namespace ldseal {

// The name of one version index: the object defines it (DT_VERDEF) or needs it from another object
// (DT_VERNEED).
struct Version {
  // Null: the object does not use this index, or it is 0 or 1, which have no name.
  const char* name = nullptr;
  // DT_VERNEED: the DT_NEEDED name that must define it; DT_VERDEF: null.
  const char* file = nullptr;
  uint32_t hash = 0;         // sysv_hash of the name, equal to vd_hash or vna_hash
  bool weak = false;         // VER_FLG_WEAK: it is no error if it is missing
  bool hidden_need = false;  // vna_other has the hidden bit: only this very version matches
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
  // Returns gnu_hash of the name of symbol `index`. Reads it from DT_GNU_HASH if possible, because
  // that does not touch the name.
  uint32_t hash_of(uint32_t index) const;
  // Returns the version that symbol `index` has or needs; null if it has none.
  const Version* version_of(uint32_t index) const;
  // Returns how many symbols a look-up by name could find.
  uint32_t exported_count() const;
};

// What a look-up searches for.
struct SymbolQuery {
  const char* name = nullptr;
  uint32_t hash = 0;                 // gnu_hash(name)
  const Version* version = nullptr;  // null: the reference names no version
  // The symbol that refers, if it is a definition too; null otherwise. It matches itself without a
  // look-up.
  const Sym* own_definition = nullptr;
  bool newest = false;  // dlsym: of several versions only the default one matches, never the oldest
};

// Makes the query for symbol `index` of `table`. If `known_hash` is not 0, it is the hash of the
// name.
SymbolQuery wanted_by(const SymbolTable& table, uint32_t index, uint32_t known_hash = 0);

// Which definitions match. A call (JUMP_SLOT) must not find the canonical PLT entry that a
// fixed-address program has for a function of a library. Every other reference must find it, so
// that a function has one address everywhere.
enum class ReferenceKind : uint8_t { kAddress, kCall };

// Is symbol `index` of `table` a definition that matches `wanted`, apart from its version?
bool defines(const SymbolTable& table, uint32_t index, const SymbolQuery& wanted,
             ReferenceKind kind);

enum class VersionMatch : uint8_t { kYes, kNo, kOnlyIfSingle };

// Does the version of symbol `index` match? kOnlyIfSingle follows glibc's rule for references
// without a version to an object that has several: this definition matches if it is the only
// default one.
VersionMatch version_matches(const SymbolTable& table, uint32_t index, const SymbolQuery& wanted);

// Looks `wanted` up in this table. Returns null if it is not there.
const Sym* find_symbol(const SymbolTable& table, const SymbolQuery& wanted, ReferenceKind kind);

}  // namespace ldseal
