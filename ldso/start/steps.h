// The steps of start-up that main.cc puts in order.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/link/relocate.h"
#include "ldso/link/tls_layout.h"
#include "ldso/start/options.h"
#include "ldso/start/phases.h"

namespace ldseal {

enum class Lap : uint8_t { kLoad, kRuntime, kLink, kSeal, kCount };

// For LD_DEBUG=statistics; asks for the time only when that is on.
class Stopwatch {
 public:
  Stopwatch();
  void lap(Lap which);
  uint64_t of(Lap which) const { return laps_[static_cast<size_t>(which)]; }
  uint64_t since_start() const;

 private:
  uint64_t start_ = 0;
  uint64_t last_ = 0;
  uint64_t laps_[static_cast<size_t>(Lap::kCount)] = {};
};

// The program and everything it needs, mapped and described, versions checked. Ends the process on
// failure; `--list` and `--verify` end here too.
Mapped must_load(Process& process, const Options& options);

// Where every thread's static block has what.
Result<TlsLayout> lay_out_thread_storage(const Mapped& mapped);

// libc's own rtld brings libc up: its code runs, nothing of the program's.
Result<LibcAlive> bring_libc_up(Mapped&& mapped, const TlsLayout& tls);

// Every version that an object needs is defined by the object that it names.
Status check_all_versions(const LibcAlive& alive);

// Relocations, those that depend on IFUNC resolvers last; then the initial images of thread-local
// storage. Ends the process on failure.
Linked link(LibcAlive&& alive, const TlsLayout& tls, LinkStatistics& statistics);

// To debuggers, and to those who ask by address.
void publish(const Linked& linked);
void tell_statistics(const Stopwatch& watch, const LinkStatistics& statistics);

// Every constructor that must have run before the program's entry.
void run_constructors(const Sealed& sealed);
// What the program is to call at exit.
uintptr_t fini_for_program(const Sealed& sealed);

}  // namespace ldseal
