// The dynamic section (gABI "Dynamic Section"): its entries by name. Addresses are the file's own.
#pragma once

#include <span>

#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/elf/types.h"

namespace ldseal {

// A table whose address and size are two entries. Size 0 if it is absent.
struct Table {
  Vaddr start;
  ByteCount size;
};

// A single address that may be absent. `present` says so, because 0 is a valid address.
struct MaybeVaddr {
  Vaddr value;
  bool present = false;
};

struct Dynamic {
  MaybeVaddr hash, gnu_hash, symbols, strings, version_symbols, version_definitions, version_needs;
  ByteCount strings_size;
  uint64_t version_definition_count = 0;
  uint64_t version_need_count = 0;
  Table rela, plt, relr;
  uint64_t relative_count = 0;  // DT_RELACOUNT: this many leading entries of `rela` are RELATIVE
  MaybeVaddr init, fini;
  Table init_array, fini_array, preinit_array;
  uint64_t flags = 0;    // DT_FLAGS, with DT_SYMBOLIC, DT_TEXTREL and DT_BIND_NOW folded in
  uint64_t flags_1 = 0;  // DT_FLAGS_1
  // Offsets into the string table. `…_present` says whether the entry exists.
  uint64_t soname = 0, rpath = 0, runpath = 0;
  bool soname_present = false, rpath_present = false, runpath_present = false;
  std::span<const Dyn> entries;  // without the final DT_NULL; users of DT_NEEDED read it here
};

// Undoes what glibc's rtld did in place: it adds the load bias to some addresses of the section. An
// address inside `span`, the object in memory, is such a one. Returns the section with the file's
// own addresses.
Dynamic without_bias(Dynamic dynamic, AddressRange span, LoadBias bias);

// Reads a whole PT_DYNAMIC in memory. Errors: kDynamicUnterminated without DT_NULL, and
// kBadEntrySize, kBadTableSize for sizes other than those of ELF64.
Result<Dynamic> read_dynamic(std::span<const Dyn> section);

}  // namespace ldseal
