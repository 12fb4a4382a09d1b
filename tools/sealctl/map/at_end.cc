// See at_end.h. The kernel stops a traced process for PTRACE_O_TRACEEXIT before it gives its memory
// back, however it ends.
#include "tools/sealctl/map/at_end.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"

namespace sealctl::map {
namespace {

constexpr int kSignalBits = 8;
constexpr int kByte = 0xff;

[[noreturn]] void execute(std::vector<std::string> command) {
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  (void)ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  execvp(words[0], words.data());
  _exit(errno & kByte);
}

[[noreturn]] void fail(const std::string& command, const char* what, int error) {
  throw Failure(kNotPermitted, fmt::format("{}: {}: {}", command, what, std::strerror(error)));
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

void run_to_its_end(const std::vector<std::string>& command,
                    const std::function<void(pid_t)>& look) {
  const pid_t child = fork();
  if (child < 0) fail(command.front(), "cannot run", errno);
  if (child == 0) execute(command);
  int status = wait_for(child);
  if (!WIFSTOPPED(status)) fail(command.front(), "cannot run", WEXITSTATUS(status));
  // Without PTRACE_O_TRACEEXEC a command that executes another one gets a SIGTRAP, which ends it.
  constexpr int kOptions = PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, child, nullptr, kOptions) != 0)
    fail(command.front(), "cannot be traced", errno);
  int signal = 0;
  while (true) {
    if (ptrace(PTRACE_CONT, child, nullptr, signal) != 0) break;
    status = wait_for(child);
    if (!WIFSTOPPED(status)) return;
    const int event = status >> (2 * kSignalBits);
    if (event == PTRACE_EVENT_EXIT) look(child);
    signal = event != 0 ? 0 : WSTOPSIG(status);
  }
}

}  // namespace sealctl::map
