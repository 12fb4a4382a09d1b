// Brings libc up (none, musl, glibc): libc's rtld runs once on a stand-in for the program.
// Afterwards libc's functions can be called, and no code of the program has run.
#pragma once

#include <span>

#include "ldso/abi/link.h"
#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/image/graph.h"
#include "ldso/libc/opening_functions.h"
#include "ldso/libc/stand_in.h"
#include "ldso/link/scope.h"
#include "ldso/link/tls_layout.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

enum class LibcFamily : uint8_t { kNone, kMusl, kGlibc };

// A function of ld-seal that musl runs as if it were the program's; and where glibc's rtld searches
// first when it opens objects in other namespaces.
struct LibcHooks {
  Address constructors;  // runs every object's constructors, when musl runs the program's
  const char* library_path = nullptr;  // null: nowhere
};

// What is known about libc after its own start-up.
struct Runtime {
  LibcFamily family = LibcFamily::kNone;
  Address tls_block;  // the first thread's block of thread-local storage of the start-up modules
  Address tls_image;  // what libc copies for every later thread; 0 without libc
  const Rendezvous* rendezvous = nullptr;  // the list of objects that libc's rtld keeps
  const Phdr* stand_in_headers = nullptr;
  // What libc's own dl_iterate_phdr(3) reports once it is up. Here `dlpi_tls_data` is a distance
  // from the thread pointer. Empty where libc has no thread-local storage.
  std::span<const ProgramHeaderInfo> reported;
  OpeningFunctions
      rtld;  // glibc's rtld's own, which libc is led away from; all null where it is not
};

LibcFamily family_of(const Graph& graph);

// What bringing libc up takes. `self` is ld-seal.
struct LibcStart {
  Graph& graph;
  Module& self;
  const TlsLayout& tls;
  LibcHooks hooks;
  WeakDefinitions weak;
  ProcessStack& stack;
  PageSize page;
  Arena& permanent;
  Arena& scratch;
};

// What is done when libc is alive. It must not return.
using AfterLibc = void (*)(Result<Runtime> runtime, void* argument);

// Makes the stand-in, runs libc's rtld on it (or, without libc, makes the first thread), describes
// libc where it lies in memory, and calls `then`. The auxiliary vector and the environment are
// changed only while the rtld runs. Errors: kLibcUnusable, and those of mapping libc.
//
// Nothing returns to a caller from before the rtld, because it may switch on a shadow stack
// (x86_64: SHSTK, aarch64: GCS), which has no return address from before.
[[noreturn]] void bring_up(const LibcStart& start, AfterLibc then, void* argument);

}  // namespace ldseal
