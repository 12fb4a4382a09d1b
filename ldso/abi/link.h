// The structures through which debuggers, libc and programs read the list of objects (<link.h>;
// SVR4). Of struct link_map and struct r_debug only the part that glibc and musl share is here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ldso/elf/types.h"

namespace ldseal {

struct Module;

struct LinkMap {
  uint64_t l_addr = 0;        // load bias
  const char* l_name = "";    // path; empty for the program
  const Dyn* l_ld = nullptr;  // dynamic section
  LinkMap* l_next = nullptr;
  LinkMap* l_prev = nullptr;
  Module* module = nullptr;  // private to ld-seal from here on
};

enum class RendezvousState : int32_t { kConsistent = 0, kAdd = 1, kDelete = 2 };

struct Rendezvous {
  int32_t r_version = 0;  // 1 once the other fields are valid
  LinkMap* r_map = nullptr;
  uint64_t r_brk = 0;  // the function that is called at every change
  RendezvousState r_state = RendezvousState::kConsistent;
  uint64_t r_ldbase = 0;
};

// struct r_debug_extended of glibc: one for each namespace that was ever in use. `r_next` is valid
// from this r_version on.
inline constexpr int32_t kExtendedRendezvous = 2;
struct ExtendedRendezvous {
  Rendezvous base;
  const ExtendedRendezvous* r_next = nullptr;
};

// struct dl_phdr_info
struct ProgramHeaderInfo {
  uint64_t dlpi_addr;
  const char* dlpi_name;
  const Phdr* dlpi_phdr;
  uint16_t dlpi_phnum;
  unsigned long long dlpi_adds;
  unsigned long long dlpi_subs;
  size_t dlpi_tls_modid;
  void* dlpi_tls_data;
};

// dl_iterate_phdr calls this for each object until it returns a value other than 0.
using VisitProgramHeaders = int (*)(ProgramHeaderInfo* info, size_t size, void* data);

// The argument of __tls_get_addr: tls_index (ELF Handling For Thread-Local Storage).
struct TlsIndex {
  uint64_t module;
  uint64_t offset;
};

}  // namespace ldseal
