// See process.h.
#include "tools/sealctl/adopt/process.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kNobody = 65534;
constexpr size_t kMostOutput = 65536;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

bool enter(const Root& root) {
  return root.is_system() || (fchdir(root.fd()) == 0 && chroot(".") == 0);
}

// A root may come from others: its programs run as nobody.
bool drop_privileges() {
  return setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0 &&
         prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// In the child. Writes errno to `errors` if the program cannot be started.
[[noreturn]] void become(const Root& root, const Start& start, int output, int errors) {
  std::vector<std::string> arguments = start.arguments;
  std::vector<std::string> environment = start.environment;
  environment.emplace_back("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
  environment.emplace_back("LC_ALL=C");
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  setpgid(0, 0);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (enter(root) && chdir("/") == 0 && (!start.as_nobody || drop_privileges()))
    execve(arguments[0].c_str(), pointers(arguments).data(), pointers(environment).data());
  const int error = errno;
  (void)!write(errors, &error, sizeof error);
  _exit(kNotFound);
}

struct Pipe {
  Fd out;
  Fd in;

  Pipe() {
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw failed_by_kernel("pipe", "cannot make one");
    out = Fd(ends[0]);
    in = Fd(ends[1]);
  }
};

// What comes until the pipe is closed. False if the time is up before.
bool collect(int pipe, Clock::time_point end, std::string& output) {
  std::array<char, 4096> part;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd ready = {pipe, POLLIN, 0};
    if (left <= 0 || poll(&ready, 1, static_cast<int>(left)) == 0) return false;
    const ssize_t got = read(pipe, part.data(), part.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return true;
    if (got > 0 && output.size() < kMostOutput) output.append(part.data(), size_t(got));
  }
}

// False if the process has not ended when the time is up.
bool wait_until(pid_t child, Clock::time_point end) {
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
  pollfd ended = {process.get(), POLLIN, 0};
  return poll(&ended, 1, static_cast<int>(std::max<long>(left, 0))) == 1;
}

}  // namespace

std::string Outcome::text() const {
  if (error != 0) return fmt::format("cannot be started: {}", std::strerror(error));
  const std::string line = output.substr(0, output.find('\n'));
  const std::string behind = line.empty() ? "" : fmt::format(": {}", line);
  if (late) return "did not end in time" + behind;
  if (WIFSIGNALED(status)) return fmt::format("ended by signal {}{}", WTERMSIG(status), behind);
  return fmt::format("ended with status {}{}", WEXITSTATUS(status), behind);
}

Outcome run(const Root& root, const Start& start) {
  Pipe output;
  Pipe errors;
  const pid_t child = fork();
  if (child < 0) throw failed_by_kernel("fork", "cannot make a process");
  if (child == 0) become(root, start, output.in.get(), errors.in.get());
  output.in.reset();
  errors.in.reset();
  Outcome outcome;
  const auto end = Clock::now() + std::chrono::seconds(start.seconds);
  outcome.late = !collect(output.out.get(), end, outcome.output) || !wait_until(child, end);
  if (outcome.late) kill(-child, SIGKILL);
  if (outcome.late) kill(child, SIGKILL);  // it may have no group yet
  while (waitpid(child, &outcome.status, 0) < 0 && errno == EINTR) {
  }
  if (!outcome.late) kill(-child, SIGKILL);  // what it may have left behind
  if (read(errors.out.get(), &outcome.error, sizeof outcome.error) < 0) outcome.error = errno;
  return outcome;
}

}  // namespace sealctl
