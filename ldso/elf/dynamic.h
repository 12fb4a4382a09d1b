// The dynamic section (gABI "Dynamic Section"): its entries by name, in the file's own terms.
#pragma once

#include <span>

#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/elf/types.h"

namespace ldseal {

// A table that a pair of entries names. Absent: size 0.
struct Table {
  Vaddr start;
  ByteCount size;
};

// A single address that may be absent (0 is a valid address for some, so `present` tells).
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
  uint64_t relative_count = 0;  // DT_RELACOUNT: so many leading entries of `rela` are RELATIVE
  MaybeVaddr init, fini;
  Table init_array, fini_array, preinit_array;
  uint64_t flags = 0;    // DT_FLAGS, with DT_SYMBOLIC, DT_TEXTREL and DT_BIND_NOW folded in
  uint64_t flags_1 = 0;  // DT_FLAGS_1
  // Offsets into the string table; `…_present` tells.
  uint64_t soname = 0, rpath = 0, runpath = 0;
  bool soname_present = false, rpath_present = false, runpath_present = false;
  std::span<const Dyn> entries;  // without the closing DT_NULL; DT_NEEDED is read from here
};

// The same with addresses in the object's own terms, where glibc's rtld has added the load bias to
// some of them in place: an address inside `span` cannot be anything else.
Dynamic without_bias(Dynamic dynamic, AddressRange span, LoadBias bias);

// `section` is the whole PT_DYNAMIC in memory. Refuses a section without DT_NULL, and entry sizes
// other than ELF64's.
Result<Dynamic> read_dynamic(std::span<const Dyn> section);

}  // namespace ldseal
