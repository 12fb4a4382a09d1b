// std::thread, std::async and a pool of workers, each of which looks at its own stack.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <numeric>
#include <queue>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

std::atomic<int> unguarded{0};

void look() {
  Stack stack = stack_of(pthread_self());
  if (!is_guarded(&stack)) ++unguarded;
}

class Pool {
 public:
  explicit Pool(int size) {
    for (int which = 0; which < size; ++which) workers_.emplace_back([this] { work(); });
  }
  ~Pool() {
    {
      std::lock_guard<std::mutex> held(lock_);
      is_closed_ = true;
    }
    changed_.notify_all();
    for (std::thread &worker : workers_) worker.join();
  }
  void add(std::function<void()> task) {
    std::lock_guard<std::mutex> held(lock_);
    tasks_.push(std::move(task));
    changed_.notify_one();
  }

 private:
  void work() {
    look();
    for (;;) {
      std::unique_lock<std::mutex> held(lock_);
      changed_.wait(held, [this] { return is_closed_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      auto task = std::move(tasks_.front());
      tasks_.pop();
      held.unlock();
      task();
    }
  }

  std::mutex lock_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> tasks_;
  std::vector<std::thread> workers_;
  bool is_closed_ = false;
};

thread_local std::vector<int> in_each_thread(100, 1);

int sum_in_pools() {
  std::atomic<int> sum{0};
  for (int round = 0; round < 20; ++round) {
    Pool pool(16);
    for (int task = 0; task < 100; ++task)
      pool.add([&] { sum += std::accumulate(in_each_thread.begin(), in_each_thread.end(), 0); });
  }
  return sum;
}

const char *caught() {
  auto answer = std::async(std::launch::async, [] {
    look();
    if (in_each_thread.size() == 100) throw std::runtime_error("thrown in a thread");
  });
  try {
    answer.get();
  } catch (const std::runtime_error &error) {
    return error.what() == std::string("thrown in a thread") ? "thrown in a thread" : "another";
  }
  return "nothing";
}

}  // namespace

int main() {
  say_number("sum", sum_in_pools());
  say_text("caught", caught());
  say_number("without a guard", unguarded);
  return unguarded;
}
