// Starts a program under ptrace and finds the moment at which libc is about to call its main().
#pragma once

#include <optional>

#include "tools/sealctl/prove/object_files.h"
#include "tools/sealctl/prove/stops.h"

namespace sealctl::prove {

// An address at which nothing is ever mapped: below vm.mmap_min_addr, and a multiple of every
// instruction's size. A process whose instruction pointer is there went where it was sent.
constexpr uint64_t kTrap = 0x5ea0;

// See Tracee::start_to_main(). The process is stopped by its fault at the trap, which it was given
// in place of main(): its registers are those with which main() would begin.
std::optional<Stop> run_until_main(Command command, const std::string& executable,
                                   ObjectFiles& files);

}  // namespace sealctl::prove
