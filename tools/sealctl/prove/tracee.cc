// See tracee.h.
#include "tools/sealctl/prove/tracee.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/prove/main_stop.h"
#include "tools/sealctl/prove/stops.h"

namespace sealctl::prove {
namespace {

constexpr uint64_t kBelowStack = 1024;  // further down than any red zone
constexpr uint64_t kAlignment = 16;

}  // namespace

std::string Answer::text() const {
  if (!is_refused()) return "ok";
  const char* name = strerrorname_np(static_cast<int>(-value));
  return name != nullptr ? name : std::to_string(value);
}

Tracee Tracee::start(Command command) {
  const Stop stop = run_until_sealed(std::move(command));
  Tracee started(stop.pid, stop.instruction - kSystemCallLength);
  if (ptrace(PTRACE_SETOPTIONS, stop.pid, nullptr, kOptions | PTRACE_O_TRACEFORK) != 0)
    fail("cannot follow copies");
  if (!skip_call(stop.pid, registers_of(stop.pid))) fail("cannot skip a system call");
  if (!started.resume_to(PTRACE_SYSCALL_INFO_EXIT)) fail("the program cannot go on");
  return started;
}

std::optional<Tracee> Tracee::start_to_main(Command command, const std::string& executable,
                                            ObjectFiles& files) {
  const std::optional<Stop> stop = run_until_main(std::move(command), executable, files);
  if (!stop) return std::nullopt;
  Tracee started(stop->pid, stop->instruction - kSystemCallLength);
  if (ptrace(PTRACE_SETOPTIONS, stop->pid, nullptr, kOptions | PTRACE_O_TRACEFORK) != 0)
    fail("cannot follow copies");
  return started;
}

Tracee::Tracee(Tracee&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), call_place_(other.call_place_) {}

Tracee::~Tracee() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, __WALL) >= 0 || errno == EINTR) {
    if (!WIFSTOPPED(status)) break;
  }
}

// CLONE_PARENT makes the copy a child of this process, which waits for it; the program itself gets
// no SIGCHLD.
Tracee Tracee::fork() {
  forked_ = 0;
  const std::optional<Answer> answer = call({SYS_clone, {CLONE_PARENT | SIGCHLD}});
  if (!answer || answer->is_refused() || forked_ == 0) {
    errno = answer && answer->is_refused() ? static_cast<int>(-answer->value) : ECHILD;
    fail("the program cannot be copied");
  }
  (void)wait_for_stop(forked_);
  return {forked_, call_place_};
}

std::optional<Answer> Tracee::call(const SystemCall& call) {
  user_regs_struct changed = registers_of(pid_);
  prepare(changed, call_place_, call);
  set_registers(pid_, changed);
  if (!resume_to(PTRACE_SYSCALL_INFO_ENTRY) || !resume_to(PTRACE_SYSCALL_INFO_EXIT))
    return std::nullopt;
  return Answer{call_info(pid_).exit.rval};
}

// Lets it run to the next entry, or exit, of a call. False: it has ended, or a fault keeps it.
bool Tracee::resume_to(int operation) {
  while (ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr) == 0) {
    const int status = wait_for_stop(pid_);
    if (!WIFSTOPPED(status)) {
      pid_ = 0;
      return false;
    }
    if (event_of(status) == PTRACE_EVENT_FORK) {
      unsigned long child = 0;
      if (ptrace(PTRACE_GETEVENTMSG, pid_, nullptr, &child) != 0) fail("cannot follow a fork");
      forked_ = static_cast<pid_t>(child);
    }
    const int signal = WSTOPSIG(status);
    if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGSYS) return false;
    if (signal == kCallStop && call_info(pid_).op == operation) return true;
  }
  return false;
}

uint64_t Tracee::place(const void* bytes, size_t size) {
  const uint64_t address =
      (stack_pointer(registers_of(pid_)) - kBelowStack - size) & ~(kAlignment - 1);
  iovec ours{const_cast<void*>(bytes), size};
  iovec theirs{reinterpret_cast<void*>(address), size};
  if (process_vm_writev(pid_, &ours, 1, &theirs, 1, 0) != static_cast<ssize_t>(size))
    fail("cannot write to the stack of a copy");
  return address;
}

size_t Tracee::read(uint64_t address, void* bytes, size_t size) const {
  iovec ours{bytes, size};
  iovec theirs{reinterpret_cast<void*>(address), size};
  const ssize_t count = process_vm_readv(pid_, &ours, 1, &theirs, 1, 0);
  return count < 0 ? 0 : static_cast<size_t>(count);
}

bool Tracee::write_word(uint64_t address, uint64_t word) {
  iovec ours{&word, sizeof word};
  iovec theirs{reinterpret_cast<void*>(address), sizeof word};
  return process_vm_writev(pid_, &ours, 1, &theirs, 1, 0) == sizeof word;
}

std::optional<uint64_t> Tracee::read_word(uint64_t address) const {
  uint64_t word = 0;
  if (read(address, &word, sizeof word) != sizeof word) return std::nullopt;
  return word;
}

}  // namespace sealctl::prove
