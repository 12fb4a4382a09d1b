// Times several commands against each other: every round runs each of them once, in alternating order, so that
// whatever else the machine does falls on all alike. Prints one line for each run; judging them is the caller's work.
//   interleave ROUNDS -- COMMAND ARGS… -- NAME=VALUE… COMMAND ARGS… …
// Line: index of the command, then wall, user and system time in nanoseconds, then page faults.
// A page fault is an exception that finds no page. Pages that a system call makes present are none, so the faults are
// counted by perf_event_open(2); getrusage(2) counts both, and is asked only where that is not allowed.

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr unsigned kSecondsForOneRun = 60;

// Both as execve wants them: a null pointer at the end.
struct Command {
  std::vector<char*> words;
  std::vector<char*> environment;
};

struct Sample {
  std::int64_t wall;
  std::int64_t user;
  std::int64_t system;
  long faults;
};

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

std::int64_t nanoseconds(const timeval& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_usec * 1'000LL;
}

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return nanoseconds(time);
}

[[noreturn]] void fail(const char* command, const char* what, int number) {
  std::fprintf(stderr, "interleave: %s: %s %d\n", command, what, number);
  std::exit(1);
}

// The page faults of this process and of its children that have ended; -1: they may not be counted.
class FaultCounter {
 public:
  FaultCounter() {
    perf_event_attr event{};
    event.size = sizeof event;
    event.type = PERF_TYPE_SOFTWARE;
    event.config = PERF_COUNT_SW_PAGE_FAULTS;
    event.inherit = 1;
    file_ = static_cast<int>(syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
  }
  long read() const {
    std::int64_t count = 0;
    const bool got = file_ >= 0 && ::read(file_, &count, sizeof count) == sizeof count;
    return got ? static_cast<long>(count) : -1;
  }

 private:
  int file_ = -1;
};

Sample run(const Command& command, int silence) {
  static const FaultCounter counter;
  alarm(kSecondsForOneRun);  // kills us, and PDEATHSIG the command
  const long faults_before = counter.read();
  const std::int64_t start = now();
  const pid_t child = vfork();  // fork would copy page tables, a cost that belongs to no loader
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(silence, STDOUT_FILENO);
    execve(command.words[0], command.words.data(), command.environment.data());
    _exit(126);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) != child)
    fail(command.words[0], "cannot start or wait", child);
  const std::int64_t end = now();
  alarm(0);
  if (WIFSIGNALED(status)) fail(command.words[0], "killed by signal", WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) fail(command.words[0], "exit status", WEXITSTATUS(status));
  const long faults = faults_before < 0 ? used.ru_minflt : counter.read() - faults_before;
  return {end - start, nanoseconds(used.ru_utime), nanoseconds(used.ru_stime), faults};
}

std::vector<Command> commands_from(char** words) {
  std::vector<Command> commands;
  for (; *words != nullptr; ++words) {
    if (std::strcmp(*words, "--") == 0) {
      commands.emplace_back();
    } else if (!commands.empty()) {
      Command& command = commands.back();
      const bool is_variable = command.words.empty() && std::strchr(*words, '=') != nullptr;
      (is_variable ? command.environment : command.words).push_back(*words);
    }
  }
  for (Command& command : commands) {
    command.words.push_back(nullptr);
    for (char** variable = environ; *variable != nullptr; ++variable)
      command.environment.push_back(*variable);
    command.environment.push_back(nullptr);
  }
  return commands;
}

}  // namespace

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::atol(argv[1]) : 0;
  const std::vector<Command> commands = commands_from(argv + (argc > 1 ? 2 : 1));
  if (rounds <= 0 || commands.empty()) {
    std::fprintf(stderr, "usage: interleave ROUNDS -- COMMAND ARGS... [-- COMMAND ARGS...]...\n");
    return 2;
  }
  const int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
  for (const Command& command : commands)
    run(command, silence);  // page cache and branch predictors
  const std::size_t count = commands.size();
  for (long round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < count; ++turn) {
      // Forwards, then backwards: nobody always runs after the same neighbour.
      const std::size_t index = round % 2 == 0 ? turn : count - 1 - turn;
      const Sample sample = run(commands[index], silence);
      std::printf("%zu %lld %lld %lld %ld\n", index, static_cast<long long>(sample.wall),
                  static_cast<long long>(sample.user), static_cast<long long>(sample.system),
                  sample.faults);
    }
  }
  return 0;
}
