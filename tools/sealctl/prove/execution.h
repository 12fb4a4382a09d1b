// Runs code in a copy of a stopped process, instruction by instruction or to its end.
#pragma once

#include <optional>

#include "tools/sealctl/prove/tracee.h"

namespace sealctl::prove {

// Runs the few instructions from `start` on, as long as they lie in `length` bytes. Returns where
// the copy goes on then. None: it does not get out of them.
std::optional<uint64_t> run_out_of(const Tracee& copy, uint64_t start, uint64_t length);

// How a copy has stopped that was let run.
struct RunEnd {
  enum class Kind {
    kStopped,  // by a signal that a fault or a breakpoint gives
    kEnded,
    kTooLong,  // it still runs
  };
  Kind kind = Kind::kEnded;
  uint64_t instruction = 0;  // where it stopped, without the length of a breakpoint
};

// Lets the copy run the function, with 0 as its argument and its frame below `stack`. It never
// returns.
RunEnd run_function(const Tracee& copy, uint64_t function, uint64_t stack);

// Puts a breakpoint there, whatever the protection. False: nothing is there.
bool put_breakpoint(const Tracee& copy, uint64_t place);

}  // namespace sealctl::prove
