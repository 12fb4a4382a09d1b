#include "tracee.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kSystemCallStop = SIGTRAP | 0x80;
constexpr std::uint64_t kBelowStack = 1024;  // further down than any red zone

__ptrace_syscall_info system_call_info(pid_t process) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, process, sizeof info, &info) < 0)
    give_up("PTRACE_GET_SYSCALL_INFO");
  return info;
}

int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, __WALL) < 0)
    if (errno != EINTR) give_up("waitpid");
  return status;
}

void set_options(pid_t process, unsigned long more) {
  unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | more;
  if (ptrace(PTRACE_SETOPTIONS, process, 0, options) < 0) give_up("PTRACE_SETOPTIONS");
}

pid_t start_stopped(char** command, const std::vector<char*>& variables) {
  pid_t process = ::fork();
  if (process < 0) give_up("fork");
  if (process > 0) return process;
  if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) give_up("PTRACE_TRACEME");
  for (char* variable : variables) putenv(variable);
  raise(SIGSTOP);
  execvp(command[0], command);
  give_up(command[0]);
}

// A signal for the program is passed on; a stop of ptrace's own is not.
int signal_to_pass(int status) {
  int signal = WSTOPSIG(status);
  return signal == SIGTRAP || signal == SIGSTOP || signal == kSystemCallStop ? 0 : signal;
}

}  // namespace

void give_up(const char* what) {
  std::fprintf(stderr, "attack: %s: %s\n", what, std::strerror(errno));
  std::_Exit(2);
}

std::string Answer::text() const {
  if (!refused()) return "ok";
  const char* name = strerrorname_np(static_cast<int>(-value));
  return name != nullptr ? name : std::to_string(value);
}

Tracee Tracee::run_to_exit(char** command, const std::vector<char*>& variables) {
  pid_t process = start_stopped(command, variables);
  wait_for(process);
  set_options(process, 0);
  int signal = 0;
  for (;;) {
    if (ptrace(PTRACE_SYSCALL, process, 0, signal) < 0) give_up("PTRACE_SYSCALL");
    int status = wait_for(process);
    if (!WIFSTOPPED(status)) {
      std::fprintf(stderr, "attack: %s ended before its exit_group: wait status %#x\n", command[0],
                   status);
      std::_Exit(2);
    }
    signal = signal_to_pass(status);
    if (WSTOPSIG(status) != kSystemCallStop) continue;
    __ptrace_syscall_info info = system_call_info(process);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != SYS_exit_group) continue;
    set_options(process, PTRACE_O_TRACEFORK);
    Tracee stopped(process, info.instruction_pointer - kSystemCallLength, info.entry.args[0]);
    if (skip_call(process) < 0) give_up("skipping exit_group");
    if (!stopped.resume_to(At::kExit)) give_up("the program died at its exit_group");
    return stopped;
  }
}

Tracee::Tracee(Tracee&& other) noexcept
    : id_(other.id_),
      call_place_(other.call_place_),
      exit_status_(other.exit_status_),
      calls_(other.calls_) {
  other.id_ = 0;
}

Tracee::~Tracee() {
  if (id_ == 0) return;
  kill(id_, SIGKILL);
  while (WIFSTOPPED(wait_for(id_))) {
  }
}

// CLONE_PARENT makes the copy our own child: we reap it, and the program gets no SIGCHLD.
Tracee Tracee::fork() {
  forked_ = 0;
  std::optional<Answer> answer = call({SYS_clone, {CLONE_PARENT | SIGCHLD}});
  if (!answer || answer->refused() || forked_ == 0) give_up("clone in the program");
  wait_for(forked_);  // it begins stopped
  return Tracee(forked_, call_place_, exit_status_);
}

std::optional<Answer> Tracee::call(SystemCall what) {
  ++calls_;
  user_regs_struct changed = registers();
  prepare(changed, call_place_, what);
  set_registers(changed);
  if (!resume_to(At::kEntry) || !resume_to(At::kExit)) return std::nullopt;
  return Answer{system_call_info(id_).exit.rval};
}

// To the next stop of this kind. False: the program died, or a fault keeps it from going on.
bool Tracee::resume_to(At at) {
  int wanted = at == At::kEntry ? PTRACE_SYSCALL_INFO_ENTRY : PTRACE_SYSCALL_INFO_EXIT;
  for (;;) {
    if (ptrace(PTRACE_SYSCALL, id_, 0, 0) < 0) return false;
    int status = wait_for(id_);
    if (!WIFSTOPPED(status)) {
      id_ = 0;
      return false;
    }
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8)) {
      unsigned long child = 0;
      if (ptrace(PTRACE_GETEVENTMSG, id_, 0, &child) < 0) give_up("PTRACE_GETEVENTMSG");
      forked_ = static_cast<pid_t>(child);
    }
    int signal = WSTOPSIG(status);
    if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL) return false;
    if (signal == kSystemCallStop && system_call_info(id_).op == wanted) return true;
  }
}

user_regs_struct Tracee::registers() const {
  user_regs_struct found{};
  iovec value{&found, sizeof found};
  if (ptrace(PTRACE_GETREGSET, id_, NT_PRSTATUS, &value) < 0) give_up("PTRACE_GETREGSET");
  return found;
}

void Tracee::set_registers(user_regs_struct registers) {
  iovec value{&registers, sizeof registers};
  if (ptrace(PTRACE_SETREGSET, id_, NT_PRSTATUS, &value) < 0) give_up("PTRACE_SETREGSET");
}

std::uint64_t Tracee::place(const void* bytes, std::size_t size) {
  std::uint64_t address = (stack_pointer(registers()) - kBelowStack - size) & ~std::uint64_t{15};
  write(address, bytes, size);
  return address;
}

void Tracee::write(std::uint64_t address, const void* bytes, std::size_t size) {
  iovec ours{const_cast<void*>(bytes), size};
  iovec theirs{reinterpret_cast<void*>(address), size};
  if (process_vm_writev(id_, &ours, 1, &theirs, 1, 0) != static_cast<ssize_t>(size))
    give_up("process_vm_writev");
}

std::size_t Tracee::read(std::uint64_t address, void* bytes, std::size_t size) const {
  iovec ours{bytes, size};
  iovec theirs{reinterpret_cast<void*>(address), size};
  ssize_t got = process_vm_readv(id_, &ours, 1, &theirs, 1, 0);
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

int Tracee::let_exit() {
  user_regs_struct changed = registers();
  prepare(changed, call_place_, {SYS_exit_group, {exit_status_}});
  set_registers(changed);
  if (ptrace(PTRACE_DETACH, id_, 0, 0) < 0) give_up("PTRACE_DETACH");
  int status = wait_for(id_);
  id_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
