// The structures and constants of dladdr, dlinfo, dlsym and _dl_find_object (<dlfcn.h>). glibc and
// musl have the same values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ldso/abi/link.h"

namespace ldseal {

// RTLD_DEFAULT, RTLD_NEXT
inline void* const kDefaultHandle = nullptr;
inline void* const kNextHandle = reinterpret_cast<void*>(~uintptr_t{0});

// LM_ID_BASE, LM_ID_NEWLM, and what libc's own dlopen says: that of its caller
inline constexpr long kBaseNamespace = 0, kNewNamespace = -1, kCallersNamespace = -2;

// Dl_info
struct AddressInfo {
  const char* file_name;
  void* file_base;
  const char* symbol_name;
  void* symbol_address;
};

// What dladdr1 returns in addition to dladdr's result: RTLD_DL_SYMENT, RTLD_DL_LINKMAP.
enum class AddressExtra : int { kNothing = 0, kSymbol = 1, kLinkMap = 2 };

// RTLD_DI_…
enum class InfoRequest : int {
  kNamespace = 1,
  kLinkMap = 2,
  kSearchPath = 4,
  kSearchPathSize = 5,
  kOrigin = 6,
  kTlsId = 9,
  kTlsData = 10,
  kProgramHeaders = 11,
};

// Dl_serpath, and Dl_serinfo without its array.
struct SearchPathEntry {
  char* name;
  unsigned flags;
};
struct SearchPathInfo {
  size_t size;
  unsigned count;
};

// struct dl_find_object
struct FoundObjectInfo {
  unsigned long long flags;
  void* map_start;
  void* map_end;
  LinkMap* link_map;
  const void* eh_frame;
  unsigned long long reserved[7];
};

}  // namespace ldseal
