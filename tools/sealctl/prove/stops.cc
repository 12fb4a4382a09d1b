// See stops.h. After the calls that seal, the first call from outside the loader is the program's
// or its libc's. In a static program both are one file; there the first call counts that start code
// does not make between and after its seals.
#include "tools/sealctl/prove/stops.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <grp.h>
#include <string_view>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/failure.h"
#include "tools/sealctl/ps/proc_folder.h"
#include "tools/sealctl/ps/smaps.h"

namespace sealctl::prove {
namespace {

constexpr uint64_t kMseal = 462;
constexpr int kEventShift = 16;
constexpr std::array<uint64_t, 6> kCallsOfStartCode = {SYS_mprotect, SYS_prctl, SYS_madvise,
                                                       SYS_write,    SYS_close, SYS_munmap};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool become(const Command& command) {
  if (command.group && (setgroups(0, nullptr) != 0 ||
                        setresgid(*command.group, *command.group, *command.group) != 0))
    return false;
  if (command.user && setresuid(*command.user, *command.user, *command.user) != 0) return false;
  return command.folder.empty() || chdir(command.folder.c_str()) == 0;
}

// The child's. Its exit status is the errno.
[[noreturn]] void execute(Command& command) {
  const std::vector<char*> arguments = pointers_to(command.arguments);
  const std::vector<char*> environment = pointers_to(command.environment);
  if (become(command) && ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0)
    execvpe(command.file.c_str(), arguments.data(), environment.data());
  _exit(errno);
}

// Follows the calls of a start.
class StartToFirstCall {
 public:
  explicit StartToFirstCall(pid_t pid) : folder_(pid) {}

  // Is the call, which is about to be made, the program's first one?
  bool is_over(const __ptrace_syscall_info& call) {
    if (call.entry.nr == SYS_exit_group || call.entry.nr == SYS_exit) return true;
    if (call.entry.nr == kMseal) {
      if (!has_sealed_) sealer_ = file_at(call.instruction_pointer);
      has_sealed_ = true;
      return false;
    }
    if (!has_sealed_) return false;
    if (!is_static()) return file_at(call.instruction_pointer) != sealer_;
    return std::ranges::find(kCallsOfStartCode, call.entry.nr) == kCallsOfStartCode.end();
  }

 private:
  // The name of the file that is mapped at the instruction.
  std::string file_at(uint64_t instruction) const {
    const std::string text = folder_.read("maps").value_or("");
    const std::vector<ps::Mapping> mappings = ps::parse_smaps(text);
    const auto m = std::ranges::upper_bound(mappings, instruction, {}, &ps::Mapping::end);
    return m == mappings.end() || instruction < m->start ? "" : std::string(m->name);
  }

  bool is_static() {
    if (!is_static_) {
      const auto elf = summarize_elf(folder_.open_regular("exe"));
      is_static_ = elf && !elf->interpreter && !elf->soname.starts_with("ld-seal-");
    }
    return *is_static_;
  }

  ps::ProcFolder folder_;
  bool has_sealed_ = false;
  std::string sealer_;
  std::optional<bool> is_static_;
};

std::string ended(const std::string& file, int status) {
  if (WIFSIGNALED(status))
    return fmt::format("{}: ended by signal {} before it was sealed", file, WTERMSIG(status));
  return fmt::format("{}: ended with status {} before it was sealed", file, WEXITSTATUS(status));
}

}  // namespace

pid_t launch(Command& command) {
  const pid_t pid = ::fork();
  if (pid < 0) fail("cannot fork");
  if (pid == 0) execute(command);
  const int status = wait_for_stop(pid);
  if (!WIFSTOPPED(status)) {
    errno = WEXITSTATUS(status);
    fail(fmt::format("{}: cannot run", command.file).c_str());
  }
  if (ptrace(PTRACE_SETOPTIONS, pid, nullptr, kOptions) != 0) fail("cannot trace");
  return pid;
}

int signal_to_pass(int status) {
  const int signal = WSTOPSIG(status);
  return signal == SIGTRAP || signal == SIGSTOP || signal == kCallStop ? 0 : signal;
}

Stop run_until_sealed(Command command) {
  const pid_t pid = launch(command);
  int status = 0;
  StartToFirstCall start(pid);
  for (int signal = 0; ptrace(PTRACE_SYSCALL, pid, nullptr, signal) == 0;) {
    status = wait_for_stop(pid);
    if (!WIFSTOPPED(status)) break;
    signal = signal_to_pass(status);
    if (WSTOPSIG(status) != kCallStop) continue;
    const __ptrace_syscall_info call = call_info(pid);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY && start.is_over(call))
      return {pid, call.instruction_pointer};
  }
  throw Failure(kNotPermitted, ended(command.file, status));
}

int event_of(int status) { return status >> kEventShift; }

int wait_for_stop(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, __WALL) < 0) {
    if (errno != EINTR) fail("cannot wait");
  }
  return status;
}

__ptrace_syscall_info call_info(pid_t pid) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0) fail("cannot see system calls");
  return info;
}

void fail(const char* what) {
  throw Failure(kNotPermitted, fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace sealctl::prove
