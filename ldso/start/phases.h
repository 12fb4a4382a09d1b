// How far a start has come, as types. A step takes the phase that it needs; the one that ends a phase
// uses it up and gives the next. Steps in another order do not compile. Only the steps that are named
// here as friends make a phase (steps.cc, sealing.cc).
#pragma once

#include "ldso/base/result.h"
#include "ldso/link/relocate.h"
#include "ldso/link/tls_layout.h"
#include "ldso/process/process.h"
#include "ldso/start/options.h"

namespace ldseal {

class Phase {
 public:
  Phase(Phase&&) = default;
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;
  Process& process() const { return process_; }

 protected:
  explicit Phase(Process& process) : process_(process) {}

 private:
  Process& process_;
};

// Every object is in memory and described. Nothing is relocated, no code but ours has run.
class Mapped : public Phase {
  using Phase::Phase;
  friend Mapped must_load(Process& process, const Options& options);
};

// libc is alive. Nothing of the program or its libraries is relocated or has run.
class LibcAlive : public Phase {
  using Phase::Phase;
  friend Result<LibcAlive> bring_libc_up(Mapped&& mapped, const TlsLayout& tls);
};

// Every relocation is applied. Of the program and its libraries no code has run but IFUNC resolvers.
class Linked : public Phase {
  using Phase::Phase;
  friend Linked link(LibcAlive&& alive, const TlsLayout& tls, LinkStatistics& statistics);
};

// What the policy asks for is sealed. From here on foreign code runs.
class Sealed : public Phase {
  using Phase::Phase;
  friend Result<Sealed> seal_everything(Linked&& linked);
  friend Result<Sealed> seal_around_static_program(Mapped&& mapped);
};

}  // namespace ldseal
