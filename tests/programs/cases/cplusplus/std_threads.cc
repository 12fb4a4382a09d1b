// std::thread, mutex, condition_variable, call_once and future work.

#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

int main() {
  std::mutex lock;
  std::condition_variable changed;
  std::once_flag once;
  int started = 0, total = 0;
  std::vector<std::thread> threads;
  for (int n = 1; n <= 4; ++n)
    threads.emplace_back([&, n] {
      std::call_once(once, [&] { total = 1000; });
      std::unique_lock<std::mutex> held(lock);
      total += n;
      ++started;
      changed.notify_all();
    });
  {
    std::unique_lock<std::mutex> held(lock);
    changed.wait(held, [&] { return started == 4; });
  }
  for (auto& thread : threads) thread.join();
  std::cout << "total " << total << std::endl;
  std::cout << "future " << std::async(std::launch::async, [] { return 12; }).get() << std::endl;
  return 0;
}
