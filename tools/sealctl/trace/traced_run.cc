// See traced_run.h. Each process writes a file FOLDER/trace.PID; standard error stays the
// command's.
#include "tools/sealctl/trace/traced_run.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/files.h"
#include "tools/sealctl/text.h"

namespace sealctl::trace {
namespace {

constexpr std::string_view kPrefix = "trace.";
constexpr size_t kMost = size_t{1} << 30;

// A new folder for the files, which goes away with them.
class TraceFolder {
 public:
  TraceFolder() : path_(pattern()) {
    if (mkdtemp(path_.data()) == nullptr)
      throw Failure(kNotPermitted,
                    fmt::format("{}: cannot make a folder: {}", path_, std::strerror(errno)));
    // The command may become another user, who writes there, too.
    (void)chmod(path_.c_str(), S_IRWXU | S_IWGRP | S_IXGRP | S_IWOTH | S_IXOTH | S_ISVTX);
  }
  ~TraceFolder() {
    for (const std::string& name : names()) (void)unlink((path_ + "/" + name).c_str());
    (void)rmdir(path_.c_str());
  }
  TraceFolder(const TraceFolder&) = delete;
  TraceFolder& operator=(const TraceFolder&) = delete;

  std::string output() const { return path_ + "/trace"; }

  std::vector<TracedProcess> read() const {
    std::vector<TracedProcess> processes;
    for (const std::string& name : names()) {
      const auto pid = number_in<pid_t>(std::string_view(name).substr(kPrefix.size()));
      if (!pid) continue;
      const auto text = read_file(AT_FDCWD, (path_ + "/" + name).c_str(), kMost);
      std::vector<Plan> plans = plans_in(text.value_or(""));
      if (!plans.empty()) processes.push_back({*pid, std::move(plans)});
    }
    return processes;
  }

 private:
  static std::string pattern() {
    const char* folder = std::getenv("TMPDIR");
    return fmt::format("{}/sealctl-trace-XXXXXX",
                       folder == nullptr || *folder != '/' ? "/tmp" : folder);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    DIR* folder = opendir(path_.c_str());
    while (const dirent* entry = folder == nullptr ? nullptr : readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name.starts_with(kPrefix)) found.emplace_back(name);
    }
    if (folder != nullptr) closedir(folder);
    return found;
  }

  std::string path_;
};

// Executes the command, in the child. Returns why it could not.
std::string execute(std::vector<std::string>& command, const std::string& output,
                    const std::function<void()>& prepare) {
  try {
    prepare();
  } catch (const Failure& failure) {
    return failure.what();
  }
  (void)setenv("LDSEAL_DEBUG", "seal,threads", 1);
  (void)setenv("LD_DEBUG_OUTPUT", output.c_str(), 1);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  execvp(words[0], words.data());
  return fmt::format("{}: cannot run: {}", command.front(), std::strerror(errno));
}

// As system(3): what the terminal sends is for the command, and the files are still removed.
class WithoutKeys {
 public:
  WithoutKeys() : interrupt_(std::signal(SIGINT, SIG_IGN)), quit_(std::signal(SIGQUIT, SIG_IGN)) {}
  ~WithoutKeys() { restore(); }
  WithoutKeys(const WithoutKeys&) = delete;
  WithoutKeys& operator=(const WithoutKeys&) = delete;
  void restore() const {
    (void)std::signal(SIGINT, interrupt_);
    (void)std::signal(SIGQUIT, quit_);
  }

 private:
  void (*interrupt_)(int);
  void (*quit_)(int);
};

}  // namespace

TracedRun run_traced(std::vector<std::string> command, const std::function<void()>& prepare) {
  const TraceFolder folder;
  const WithoutKeys signals;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Failure(kNotPermitted, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  TracedRun run;
  run.pid = fork();
  if (run.pid < 0)
    throw Failure(kNotPermitted, fmt::format("cannot fork: {}", std::strerror(errno)));
  if (run.pid == 0) {
    signals.restore();
    const std::string why = execute(command, folder.output(), prepare);
    (void)!write(writer.number(), why.data(), why.size());
    _exit(kNotFound);
  }
  writer = Descriptor();
  std::string why;  // empty once the command runs: execve closes the pipe
  (void)read_all(reader, why, kMost);
  while (waitpid(run.pid, &run.status, 0) < 0 && errno == EINTR) {
  }
  if (!why.empty()) throw Failure(kNotPermitted, why);
  run.processes = folder.read();
  std::ranges::sort(run.processes, {}, [&](const TracedProcess& process) {
    return std::pair(process.pid != run.pid, process.pid);
  });
  return run;
}

}  // namespace sealctl::trace
