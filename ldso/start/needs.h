// What a program, its objects or its caller ask for, and ld-seal does not do. Start-up gives way to
// libc's rtld for it (give_way.h); sealctl asks the same of a program that does not run.
#pragma once

#include "ldso/base/result.h"
#include "ldso/process/process.h"
#include "ldso/start/options.h"

namespace ldseal {

// Refuses what the program or its caller asks for and ld-seal does not do, as far as the program
// alone shows it: no other object need be loaded. Errors: kIsAudited, kIsProfiled, and those of
// check_needs().
Status check_requests(const Process& process, const Options& options);

// Refuses objects that need what ld-seal does not do. Errors: kExecutableStack,
// kHasTextRelocations.
Status check_needs(const Graph& graph, LibcRules rules);

// Refuses an e_entry that is 0 or in no executable segment. Error: kNotAProgram.
Status check_entry(const Module& program);

}  // namespace ldseal
