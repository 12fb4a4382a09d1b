// What debuggers, libc and programs read of a process's objects (SVR4; <link.h> of glibc and musl):
// the shared part of struct link_map and struct r_debug.
#pragma once

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
  Module* module = nullptr;  // ours from here on
};

enum class RendezvousState : int32_t { kConsistent = 0, kAdd = 1, kDelete = 2 };

struct Rendezvous {
  int32_t r_version = 0;  // 1 once the rest is valid
  LinkMap* r_map = nullptr;
  uint64_t r_brk = 0;  // the function that is called on every change
  RendezvousState r_state = RendezvousState::kConsistent;
  uint64_t r_ldbase = 0;
};

}  // namespace ldseal
