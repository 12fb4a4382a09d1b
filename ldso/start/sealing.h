// The steps of start-up that are about sealing: asking a supervisor, deciding, preparing RELRO,
// sealing.
#pragma once

#include "ldso/base/result.h"
#include "ldso/start/options.h"
#include "ldso/start/phases.h"

namespace ldseal {

// Asks whether a supervisor exempts anything (<ldseal/exempt.h>, rr), and whether valgrind runs the
// process. Must be called before anything is mapped or sealed.
void query_supervisor(Process& process, const Options& options);

// Decides the policy from the default, the program's note and LDSEAL, and how guards are made from
// LDSEAL_GUARD. Errors: an unknown term in one of them.
Result<PolicyDecided> decide_policy(Mapped&& mapped, const Options& options);

// The same for the policy alone, which nothing else of start-up needs (give_way.h).
Status decide_policy(Process& process, const Options& options);

// If RELRO is to be sealed, makes the RELRO anonymous that others have mapped from files. That is
// the program's, which the kernel has mapped and which is not relocated yet, and that of glibc's
// libc, which its rtld has relocated and which becomes read-only again. RELRO that ld-seal maps is
// anonymous from the start.
Result<RelroAnonymous> make_relro_anonymous(VersionsFound&& checked);

// Makes the RELRO of all objects that ld-seal relocates read-only.
Result<Protected> protect_relro(ConstructorsChecked&& checked);

// Makes calls between objects independent of what stays writable, if the policy wants that
// (seal/plt.h).
Result<CallsFinal> make_calls_final(Protected&& ready);

// Seals everything that the policy asks for, ld-seal's records included; from ld-seal's memory only
// what the plan calls changing stays writable. Must run on the process's stack. Errors: under
// `require`, what cannot be sealed.
Result<Sealed> seal_everything(CallsFinal&& ready);

// The same for a static program: only its text, the system's mappings, and ld-seal.
Result<Sealed> seal_around_static_program(PolicyDecided&& decided);

// Gives back what start-up alone has used: the scratch arena, and ld-seal's stack.
void release_start_up_memory(const Sealed& sealed);

// Seals the kernel's own mappings and nothing else.
Status seal_system_mappings(Process& process);

}  // namespace ldseal
