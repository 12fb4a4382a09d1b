// See execution.h.
#include "tools/sealctl/prove/execution.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <thread>

#include "tools/sealctl/prove/stops.h"

namespace sealctl::prove {
namespace {

using namespace std::chrono_literals;

constexpr auto kLimit = 5s;
constexpr auto kPause = 200us;

// None: the time is over.
std::optional<int> wait_for_some_time(pid_t pid) {
  const auto end = std::chrono::steady_clock::now() + kLimit;
  int status = 0;
  for (;;) {
    const pid_t found = waitpid(pid, &status, __WALL | WNOHANG);
    if (found == pid) return status;
    if (found < 0 && errno != EINTR) fail("cannot wait");
    if (std::chrono::steady_clock::now() > end) return std::nullopt;
    std::this_thread::sleep_for(kPause);
  }
}

bool is_of_fault(int signal) {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGTRAP ||
         signal == SIGSYS || signal == SIGFPE;
}

}  // namespace

std::optional<uint64_t> run_out_of(const Tracee& copy, uint64_t start, uint64_t length) {
  constexpr int kMost = 8;
  user_regs_struct registers = registers_of(copy.pid());
  go_on_at(registers, start);
  set_registers(copy.pid(), registers);
  for (int i = 0; i < kMost; ++i) {
    if (ptrace(PTRACE_SINGLESTEP, copy.pid(), nullptr, nullptr) != 0) return std::nullopt;
    const int status = wait_for_stop(copy.pid());
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) return std::nullopt;
    const uint64_t instruction = instruction_pointer(registers_of(copy.pid()));
    if (instruction - start >= length) return instruction;
  }
  return std::nullopt;
}

RunEnd run_function(const Tracee& copy, uint64_t function, uint64_t stack) {
  user_regs_struct registers = registers_of(copy.pid());
  enter_function(registers, function, 0, stack);
  set_registers(copy.pid(), registers);
  for (int signal = 0; ptrace(PTRACE_CONT, copy.pid(), nullptr, signal) == 0;) {
    const std::optional<int> status = wait_for_some_time(copy.pid());
    if (!status) return {RunEnd::Kind::kTooLong, 0};
    if (!WIFSTOPPED(*status)) break;
    signal = event_of(*status) != 0 ? 0 : WSTOPSIG(*status);
    if (!is_of_fault(signal)) continue;
    const uint64_t instruction = instruction_pointer(registers_of(copy.pid()));
    return {RunEnd::Kind::kStopped, instruction - (signal == SIGTRAP ? kBehindBreakpoint : 0)};
  }
  return {};
}

bool put_breakpoint(const Tracee& copy, uint64_t place) {
  errno = 0;
  const long word = ptrace(PTRACE_PEEKTEXT, copy.pid(), place, nullptr);
  if (errno != 0) return false;
  return ptrace(PTRACE_POKETEXT, copy.pid(), place, with_breakpoint(static_cast<uint64_t>(word))) ==
         0;
}

}  // namespace sealctl::prove
