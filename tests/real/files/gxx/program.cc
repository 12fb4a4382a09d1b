#include <algorithm>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#ifdef BREAK
int broken = undefined_name;
#endif

struct Base {
  virtual ~Base() = default;
  virtual std::string name() const = 0;
};
struct Derived : Base {
  std::string name() const override { return "derived"; }
};

thread_local int mine = 0;

int main() {
  std::vector values{3, 1, 2};
  std::sort(values.begin(), values.end());
  std::cout << "sorted";
  for (int value : values) std::cout << ' ' << value;
  std::cout << '\n';
  try {
    values.at(7) = 1;
  } catch (const std::out_of_range&) {
    std::cout << "caught out of range\n";
  }
  std::mutex lock;
  int total = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (mine = 0; mine < 100; ++mine) {
        std::scoped_lock hold(lock);
        ++total;
      }
    });
  for (auto& thread : threads) thread.join();
  std::cout << "threads " << total << '\n';
  Derived derived;
  Base& base = derived;
  std::cout << base.name() << ' ' << (dynamic_cast<Derived*>(&base) == &derived) << '\n';
}
