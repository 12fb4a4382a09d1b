// See files.h.
#include "tools/sealctl/files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/limits.h>
#include <unistd.h>

namespace sealctl {

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

bool read_all(const Descriptor& file, std::string& text, size_t most) {
  constexpr size_t kLeast = 0x4000;
  text.resize(std::max(text.capacity(), std::min(kLeast, most)));
  size_t filled = 0;
  while (filled < most) {
    if (filled == text.size()) text.resize(2 * text.size());
    const size_t room = std::min(text.size(), most) - filled;
    if (room == 0) break;
    const ssize_t count = read(file.number(), text.data() + filled, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  text.resize(filled);
  return true;
}

namespace {

// Where the file's data goes on at or behind `at`: at its end if only a hole follows. `at` itself if
// the file system does not say.
off_t next_data(int file, off_t at) {
  off_t data = lseek(file, at, SEEK_DATA);
  if (data < 0 && errno == ENXIO) data = lseek(file, 0, SEEK_END);
  return std::max(data, at);
}

}  // namespace

std::optional<size_t> read_part(int file, void* to, size_t count, uint64_t offset) {
  constexpr size_t kAtOnce = size_t{1} << 24;
  size_t filled = 0;
  while (filled < count) {
    const size_t left = count - filled;
    const auto at = static_cast<off_t>(offset + filled);
    const off_t data = left < kAtOnce ? at : next_data(file, at);
    if (data > at) {
      filled += std::min(left, static_cast<size_t>(data - at));
      continue;
    }
    const ssize_t got = pread(file, static_cast<char*>(to) + filled, std::min(left, kAtOnce), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

std::optional<std::string> read_file(int folder, const char* path, size_t most) {
  const Descriptor file(openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string text;
  if (!file || !read_all(file, text, most)) return std::nullopt;
  return text;
}

std::optional<std::string> read_link(int folder, const char* path) {
  char target[PATH_MAX];
  const ssize_t length = readlinkat(folder, path, target, sizeof target);
  if (length < 0) return std::nullopt;
  return std::string(target, static_cast<size_t>(length));
}

}  // namespace sealctl
