// The steps of start-up that main.cc puts in order.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/link/relocate.h"
#include "ldso/link/scope.h"
#include "ldso/link/tls_layout.h"
#include "ldso/run/process.h"
#include "ldso/start/options.h"

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
Module* must_load(Process& process, const Options& options);

std::span<Module* const> modules_of(const Process& process);

// Every version that an object needs is defined by the object that it names.
Status check_all_versions(Process& process);

// The global scope: the order of loading, with ourselves directly before libc.
Scope build_scope(Process& process, Arena& scratch);

// Where every thread's static block has what.
Result<TlsLayout> lay_out_thread_storage(const Process& process);

// What musl runs in the program's name.
LibcHooks musl_hooks();

LinkStatistics link(Process& process, const Scope& scope, const TlsLayout& tls);
void publish(Process& process);
void tell_statistics(const Stopwatch& watch, const LinkStatistics& statistics);
// Every constructor that must have run before the program's entry.
void run_constructors(Process& process);
// What the program is to call at exit.
uintptr_t fini_for_program(const Process& process);

}  // namespace ldseal
