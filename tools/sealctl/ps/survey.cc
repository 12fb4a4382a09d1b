// See survey.h.
#include "tools/sealctl/ps/survey.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>

#include "tools/sealctl/ps/inspect.h"

namespace sealctl::ps {
namespace {

class Survey {
 public:
  explicit Survey(std::span<const pid_t> pids) : pids_(pids) {}

  // Takes processes until none is left.
  void work() {
    std::vector<Process> found;
    std::string text;
    for (size_t i; (i = next_.fetch_add(1)) < pids_.size();) {
      if (auto process = inspect(pids_[i], cache_, text)) found.push_back(*std::move(process));
    }
    const std::lock_guard lock(mutex_);
    std::ranges::move(found, std::back_inserter(processes_));
  }

  std::vector<Process> take() {
    std::ranges::sort(processes_, {}, &Process::pid);
    return std::move(processes_);
  }

 private:
  std::span<const pid_t> pids_;
  std::atomic<size_t> next_ = 0;
  ElfCache cache_;
  std::mutex mutex_;
  std::vector<Process> processes_;
};

}  // namespace

std::vector<Process> survey(std::span<const pid_t> pids) {
  Survey all(pids);
  {
    constexpr size_t kMostThreads = 16;
    const size_t processors = std::max(1U, std::thread::hardware_concurrency());
    const size_t wanted = std::min({processors, pids.size(), kMostThreads});
    std::vector<std::jthread> helpers;
    try {
      while (helpers.size() + 1 < wanted) helpers.emplace_back([&all] { all.work(); });
    } catch (const std::system_error&) {  // no more threads are allowed: fewer do it
    }
    all.work();
  }
  return all.take();
}

}  // namespace sealctl::ps
