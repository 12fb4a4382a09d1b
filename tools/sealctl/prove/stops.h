// Starts a program under ptrace and finds the moment at which it is sealed and has done nothing
// yet.
#pragma once

#include <cstdint>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "tools/sealctl/prove/tracee.h"

namespace sealctl::prove {

// Of a start. Copies are followed once it is over: children that it has itself are not.
constexpr int kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
constexpr int kCallStop = 0x85;  // SIGTRAP | 0x80: PTRACE_O_TRACESYSGOOD

// A process at the entry of a system call.
struct Stop {
  pid_t pid = 0;
  uint64_t instruction = 0;  // behind the one that makes the call
};

// Starts the command, which stops before its first instruction. Throws a Failure if it cannot run.
pid_t launch(Command& command);
// The signal of a stop, if it is for the program and not ptrace's; else 0.
int signal_to_pass(int status);

// See Tracee::start().
Stop run_until_sealed(Command command);

// The event of a wait status; 0: it is none.
int event_of(int status);
// Waits until the process stops or ends. Throws a Failure if there is no such child.
int wait_for_stop(pid_t pid);
__ptrace_syscall_info call_info(pid_t pid);
// Throws a Failure with the text of errno.
[[noreturn]] void fail(const char* what);

}  // namespace sealctl::prove
