// See run_in_root.h.
#include "tools/sealctl/doctor/run_in_root.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sealctl::doctor {
namespace {

constexpr size_t kMostOutput = size_t{1} << 20;
constexpr auto kTimeLimit = std::chrono::seconds(20);
constexpr uid_t kNobody = 65534;

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

bool enter(const Root& root) {
  if (fchdir(root.number()) != 0) return false;
  if (chroot(".") == 0) return true;
  // A user namespace allows it to a user without privileges.
  return unshare(CLONE_NEWUSER) == 0 && chroot(".") == 0;
}

bool give_up_privileges() {
  if (geteuid() == 0) {
    (void)unshare(CLONE_NEWNET | CLONE_NEWIPC);  // one hurdle more, where it is allowed
    if (setgroups(0, nullptr) != 0 && errno != EPERM) return false;
    if (setresgid(kNobody, kNobody, kNobody) != 0) return false;
    if (setresuid(kNobody, kNobody, kNobody) != 0) return false;
  }
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

void limit_resources() {
  const rlimit nothing{0, 0};
  (void)setrlimit(RLIMIT_CORE, &nothing);
  (void)setrlimit(RLIMIT_FSIZE, &nothing);
}

// In the child. Reports an errno through `failure` if the program cannot be started.
[[noreturn]] void start(const Root& root, int output, int failure, char* const* words,
                        char* const* variables) {
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  (void)setsid();
  limit_resources();
  bool is_ready = dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                  dup2(output, STDERR_FILENO) >= 0;
  // Only the standard descriptors lead out of the root.
  is_ready = is_ready && (root.is_running_system() || (enter(root) && give_up_privileges()));
  if (is_ready) execve(words[0], words, variables);
  const int error = errno;
  (void)!write(failure, &error, sizeof error);
  _exit(127);
}

// Reads until the program and its children have closed the pipe. Returns whether they did in time.
bool collect(int output, std::string& text) {
  using Clock = std::chrono::steady_clock;
  const auto limit = Clock::now() + kTimeLimit;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(limit - Clock::now()).count();
    pollfd wanted{output, POLLIN, 0};
    if (left <= 0 || poll(&wanted, 1, static_cast<int>(left)) == 0) return false;
    char part[0x4000];
    const ssize_t count = read(output, part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    if (text.size() < kMostOutput) text.append(part, static_cast<size_t>(count));
  }
}

Ran wait_for(pid_t child, const Descriptor& output, const Descriptor& failure) {
  Ran ran;
  const bool is_in_time = collect(output.number(), ran.output);
  kill(-child, SIGKILL);
  if (!is_in_time) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (read(failure.number(), &ran.number, sizeof ran.number) == sizeof ran.number) return ran;
  ran.end = Ran::End::kTimedOut;
  if (!is_in_time) return ran;
  ran.end = WIFEXITED(status) ? Ran::End::kExited : Ran::End::kKilled;
  ran.number = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
  return ran;
}

}  // namespace

Ran run_in_root(const Root& root, const std::vector<std::string>& words,
                const std::vector<std::string>& variables) {
  Ran ran;
  int output[2], failure[2];
  if (pipe2(output, O_CLOEXEC) != 0) {
    ran.number = errno;
    return ran;
  }
  const Descriptor output_reader(output[0]);
  Descriptor output_writer(output[1]);
  if (pipe2(failure, O_CLOEXEC | O_NONBLOCK) != 0) {
    ran.number = errno;
    return ran;
  }
  const Descriptor failure_reader(failure[0]), failure_writer(failure[1]);
  const std::vector<char*> word_pointers = pointers_to(words);
  const std::vector<char*> variable_pointers = pointers_to(variables);
  const pid_t child = fork();
  if (child == 0)
    start(root, output[1], failure[1], word_pointers.data(), variable_pointers.data());
  if (child < 0) {
    ran.number = errno;
    return ran;
  }
  output_writer = Descriptor();
  return wait_for(child, output_reader, failure_reader);
}

std::string text_of(const Ran& ran) {
  switch (ran.end) {
    case Ran::End::kExited:
      return fmt::format("exit status {}", ran.number);
    case Ran::End::kKilled:
      return fmt::format("killed by signal {}", ran.number);
    case Ran::End::kTimedOut:
      return "did not end in time";
    case Ran::End::kNotStarted:
      break;
  }
  return fmt::format("cannot be started: {}", std::strerror(ran.number));
}

}  // namespace sealctl::doctor
