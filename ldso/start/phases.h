// How far a start has come, as types. Every step takes the phase that it needs, uses it up and
// gives the next one, so that steps which are left out or stand in another order do not compile.
// Only the step that a phase names as its friend can make it.
#pragma once

#include "ldso/base/result.h"
#include "ldso/link/linker.h"
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

// The program is mapped and described. No other object is.
class ProgramFound : public Phase {
  using Phase::Phase;
  friend Result<ProgramFound> find_program(Process& process, const Options& options);
};

// Every object that the program needs is mapped, but for glibc's libc, which its own rtld maps
// later.
class LibrariesLoaded : public Phase {
  using Phase::Phase;
  friend Result<LibrariesLoaded> load_libraries(ProgramFound&& found, const Options& options);
};

// All that relocation and start need is known: the entry, $ORIGIN, the order of constructors.
class Mapped : public Phase {
  using Phase::Phase;
  friend Result<Mapped> prepare_objects(LibrariesLoaded&& loaded);
};

// The policy says what will be sealed, and LDSEAL_GUARD how stacks are guarded.
class PolicyDecided : public Phase {
  using Phase::Phase;
  friend Result<PolicyDecided> decide_policy(Mapped&& mapped, const Options& options);
};

// libc is alive. Nothing of the program or its libraries is relocated or has run.
class LibcAlive : public Phase {
  using Phase::Phase;
  friend void libc_is_alive(Result<Runtime> runtime, void* libc_start);
};

// Every version that an object needs is defined (gABI, "Symbol Versioning").
class VersionsFound : public Phase {
  using Phase::Phase;
  friend Result<VersionsFound> check_all_versions(LibcAlive&& alive);
};

// RELRO that is to be sealed is anonymous memory: it has no file behind it (image/relro.h).
class RelroAnonymous : public Phase {
  using Phase::Phase;
  friend Result<RelroAnonymous> make_relro_anonymous(VersionsFound&& checked);
};

// Every relocation is applied. Of the program and its libraries only IFUNC resolvers have run.
class Linked : public Phase {
  using Phase::Phase;
  friend Linked link(RelroAnonymous&& ready, const TlsLayout& tls, LinkStatistics& statistics);
};

// Debuggers see the objects. DT_DEBUG, which is in RELRO, has its value.
class Published : public Phase {
  using Phase::Phase;
  friend Published publish(Linked&& linked);
};

// Every constructor and destructor is code of an object of the process.
class ConstructorsChecked : public Phase {
  using Phase::Phase;
  friend Result<ConstructorsChecked> check_constructors(Published&& published);
};

// RELRO is read-only.
class Protected : public Phase {
  using Phase::Phase;
  friend Result<Protected> protect_relro(ConstructorsChecked&& checked);
};

// Calls between objects go through no slot that can be written (seal/plt.h).
class CallsFinal : public Phase {
  using Phase::Phase;
  friend Result<CallsFinal> make_calls_final(Protected&& ready);
};

// What the policy asks for is sealed. From here on foreign code runs.
class Sealed : public Phase {
  using Phase::Phase;
  friend Result<Sealed> seal_everything(CallsFinal&& ready);
  friend Result<Sealed> seal_around_static_program(PolicyDecided&& decided);
};

// Every constructor has run that must run before the program's entry.
class Constructed : public Phase {
  using Phase::Phase;
  friend Constructed run_constructors(Sealed&& sealed);
  friend Constructed leave_constructors_to_program(Sealed&& sealed);
};

}  // namespace ldseal
