// The steps of start-up that map the objects. Nothing is relocated, and no foreign code runs.
#pragma once

#include "ldso/base/result.h"
#include "ldso/start/options.h"
#include "ldso/start/phases.h"

namespace ldseal {

// Describes the program: the one that the kernel has mapped, or, if ld-seal was started as a
// command, the one that the command line names, which is mapped now.
Result<ProgramFound> find_program(Process& process, const Options& options);

// Maps preloads and all that is needed, breadth first (ld.so(8)). Under `--list` a library that is
// not found is no error. A preload that cannot be loaded is reported and ignored. Errors: those of
// loading, and what ld-seal does not do (give_way.h).
Result<LibrariesLoaded> load_libraries(ProgramFound&& found, const Options& options);

// Computes what relocation and start need: $ORIGIN of each object and the order of constructors.
// Errors: kNotAProgram, if the program's entry is not in its code.
Result<Mapped> prepare_objects(LibrariesLoaded&& loaded);

}  // namespace ldseal
