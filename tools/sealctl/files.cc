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
