// Bringing libc up (none, musl, glibc): libc's own rtld runs once, as a subroutine, on a stand-in
// for the program. Afterwards libc is alive and nothing of the program has run.
#pragma once

#include "ldso/abi/link.h"
#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/graph.h"
#include "ldso/libc/stand_in.h"
#include "ldso/link/tls_layout.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

enum class LibcFamily : uint8_t { kNone, kMusl, kGlibc };

// Our functions that a libc runs in the program's name.
struct LibcHooks {
  Address constructors;  // musl: runs every constructor, at the time musl runs them
  Address destructors;   // musl: runs every destructor
};

// libc as it is after its own start-up.
struct Runtime {
  LibcFamily family = LibcFamily::kNone;
  Address fini;       // glibc's rtld's own fini, to be called after our modules' destructors
  Address tls_block;  // the first thread's block of the start-up modules
  Address tls_image;  // what libc copies for every later thread; 0 without libc
  const Rendezvous* rendezvous = nullptr;  // libc's rtld's own list of objects
  const Phdr* stand_in_headers = nullptr;
};

LibcFamily family_of(const Graph& graph);

// Afterwards libc is described where it lies in memory. Changes the auxiliary vector and the
// environment only while libc's rtld runs.
Result<Runtime> bring_up(Graph& graph, const Module& self, const TlsLayout& tls,
                         const LibcHooks& hooks, ProcessStack& stack, PageSize page,
                         Arena& permanent, Arena& scratch);

}  // namespace ldseal
