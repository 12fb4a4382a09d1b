// What a static C++ program brings with it: streams, exceptions through frames, threads, thread-local
// objects, static constructors, the unwinder's tables.
#include <atomic>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

std::map<std::string, int> constructed{{"one", 1}, {"two", 2}};

struct Shape {
  virtual ~Shape() = default;
  virtual int sides() const = 0;
};
struct Square : Shape {
  int sides() const override { return 4; }
};

struct Unwound {
  explicit Unwound(int& count) : count_(count) {}
  ~Unwound() { ++count_; }
  int& count_;
};

void dive(int depth, int& unwound) {
  Unwound here(unwound);
  if (depth == 0) throw std::runtime_error("at the bottom");
  dive(depth - 1, unwound);
}

thread_local std::string mine = "fresh";

int count_in_threads() {
  std::mutex lock;
  int total = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      mine += "!";
      for (int n = 0; n < 1000; ++n) {
        std::scoped_lock held(lock);
        total += mine == "fresh!";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return total;
}

}  // namespace

int main() {
  int unwound = 0;
  try {
    dive(5, unwound);
  } catch (const std::exception& e) {
    std::cout << "caught " << e.what() << ", " << unwound << " unwound\n";
  }
  std::cout << "counted " << count_in_threads() << "\n";
  auto later = std::async(std::launch::async, [] {
    try {
      return std::vector<int>(3).at(7);
    } catch (const std::out_of_range&) {
      return -1;
    }
  });
  std::cout << "asynchronous " << later.get() << "\n";
  std::unique_ptr<Shape> shape = std::make_unique<Square>();
  std::cout << "virtual " << shape->sides() << ", constructed " << constructed["two"] << std::endl;
  return shape->sides();
}
