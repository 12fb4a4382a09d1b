// A bar on standard error, only if that is a terminal.
#pragma once

#include <chrono>
#include <cstddef>

namespace sealctl::check {

class Progress {
 public:
  explicit Progress(size_t all);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(size_t done);

 private:
  size_t all_;
  bool is_on_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace sealctl::check
