// The steps of start-up that are about sealing: what is asked, what is made ready, what is sealed.
#pragma once

#include "ldso/base/result.h"
#include "ldso/start/options.h"
#include "ldso/start/phases.h"

namespace ldseal {

// Asks whether a supervisor wants anything left alone. Before anything is mapped or sealed.
void ask_supervisor(Process& process, const Options& options);

// The built-in policy, the program's word, LDSEAL.
Status decide_policy(const Mapped& mapped, const Options& options);

// RELRO that others have mapped from files becomes memory without a file, if it is to be sealed: a
// private mapping of a file can be made to show the file again. The program's, which the kernel has
// mapped, before it is relocated; that of glibc's libc, which its own rtld has mapped and relocated,
// is read-only again afterwards. What we map ourselves is so from the beginning (image/map_file.cc).
Status make_relro_anonymous(const LibcAlive& alive);

// What relocation wrote becomes read-only.
Status protect_relro(const Linked& linked);

// Seals everything that the policy asks for, the loader's own memory included: nothing of that may
// change any more but `Process` and what the plan calls changing. To be called on the process's own
// stack.
Result<Sealed> seal_everything(Linked&& linked);

// The same for a program that relocates itself: only its text, the system's mappings, and us.
Result<Sealed> seal_around_static_program(Mapped&& mapped);

}  // namespace ldseal
