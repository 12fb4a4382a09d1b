// See progress.h.
#include "tools/sealctl/check/progress.h"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace sealctl::check {
namespace {

constexpr size_t kWidth = 40;
constexpr std::chrono::milliseconds kPause(100);  // nothing is shown of what is done sooner

}  // namespace

Progress::Progress(size_t all)
    : all_(all),
      is_on_(all > 1 && isatty(STDERR_FILENO) == 1),
      next_(std::chrono::steady_clock::now() + kPause) {}

Progress::~Progress() {
  if (is_shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(size_t done) {
  if (!is_on_ || std::chrono::steady_clock::now() < next_) return;
  next_ = std::chrono::steady_clock::now() + kPause;
  is_shown_ = true;
  fmt::print(stderr, "\r[{:-<{}}] {} of {}", std::string(kWidth * done / all_, '#'), kWidth, done,
             all_);
  std::fflush(stderr);
}

}  // namespace sealctl::check
