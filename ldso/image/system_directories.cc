// See system_directories.h.
#include "ldso/image/system_directories.h"

#include <asm/errno.h>
#include <linux/limits.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// An absolute path without ".", ".." and double slashes. Empty for a relative path.
class NormalPath {
 public:
  explicit NormalPath(std::string_view path) {
    if (!path.starts_with('/') || path.size() >= sizeof text_) return;
    std::string_view part;
    while (split_next(path, "/", part)) enter(part);
  }
  std::string_view text() const { return {text_, length_}; }
  // Is it `directory`, or does it lie below it?
  bool is_below(std::string_view directory) const {
    if (!text().starts_with(directory)) return false;
    return length_ == directory.size() || text_[directory.size()] == '/';
  }

 private:
  void enter(std::string_view part) {
    if (part.empty() || part == ".") return;
    if (part == "..") {
      while (length_ > 0 && text_[--length_] != '/') continue;
      return;
    }
    text_[length_++] = '/';
    for (char c : part) text_[length_++] = c;
  }

  char text_[PATH_MAX];
  size_t length_ = 0;
};

}  // namespace

const char* SystemDirectories::list(LibcRules rules, Arena& arena) {
  if (rules == LibcRules::kMusl) return musl_path(arena);
  TextBuffer<256> list;
  list << "/lib/" << Native::kMultiarch << ":/usr/lib/" << Native::kMultiarch << ":/lib:/usr/lib";
  return arena.copy(list.text());
}

const char* SystemDirectories::path_below(std::string_view path, Arena& arena) {
  NormalPath normal(path);
  PathList directories(LibcRules::kGlibc, ListKind::kSystemPath, list(LibcRules::kGlibc, arena));
  std::string_view directory;
  while (directories.next(directory)) {
    if (normal.is_below(directory)) return arena.copy(normal.text());
  }
  return nullptr;
}

// Returns the contents of musl's file of directories, separated by newlines or colons. Without the
// file it is musl's built-in list; if the file cannot be read it is empty.
const char* SystemDirectories::musl_path(Arena& arena) {
  if (musl_path_ != nullptr) return musl_path_;
  musl_path_ = "/lib:/usr/local/lib:/usr/lib";
  TextBuffer<64> file_path;
  file_path << "/etc/" << Native::kMuslRtld << ".path";
  kernel::Answer opened = kernel::open_read_only(file_path.c_str());
  if (opened.failed()) return opened.error_number() == ENOENT ? musl_path_ : musl_path_ = "";
  musl_path_ = "";
  int file = static_cast<int>(opened.value);
  kernel::FileStatus status;
  if (!kernel::status_of(file, status).failed()) {
    char* text = arena.make_zeroed_array<char>(status.size + 1);
    kernel::Answer got = kernel::read_at(file, text, status.size, FileOffset(0));
    if (!got.failed()) musl_path_ = text;
  }
  kernel::close(file);
  return musl_path_;
}

}  // namespace ldseal
