// See root.h. openat2(2) follows links within the root (Linux 5.6). Without it only "/" is read,
// where nothing leads out.
#include "tools/sealctl/doctor/root.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/sealctl/failure.h"

namespace sealctl::doctor {
namespace {

constexpr size_t kLargestFile = size_t{256} << 20;

std::string path_of(const Descriptor& file) {
  return read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", file.number()).c_str()).value_or("");
}

}  // namespace

Root::Root(const std::string& path)
    : path_(path.empty() ? "/" : path),
      folder_(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_)
    throw Failure(kNotPermitted, fmt::format("{}: cannot open: {}", path_, std::strerror(errno)));
  real_ = path_of(folder_);
  if (real_ == "/") {
    path_ = "/";
    real_.clear();
  }
}

Descriptor Root::open(const std::string& path, int flags) const {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  Descriptor file(
      static_cast<int>(syscall(SYS_openat2, folder_.number(), path.c_str(), &how, sizeof how)));
  if (!file && errno == ENOSYS && is_running_system())
    file = Descriptor(::open(path.c_str(), flags | O_CLOEXEC));
  return file;
}

Descriptor Root::open_file(const std::string& path) const {
  struct stat status;
  const Descriptor named = open(path, O_PATH);
  if (!named || fstat(named.number(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  Descriptor file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return file;
}

Descriptor Root::open_name(const std::string& path) const { return open(path, O_PATH); }

Descriptor Root::open_folder(const std::string& path) const {
  return open(path, O_RDONLY | O_DIRECTORY);
}

bool Root::has(const std::string& path) const { return static_cast<bool>(open_name(path)); }

std::optional<std::string> Root::real_path(const std::string& path) const {
  const Descriptor file = open(path, O_PATH);
  if (!file) return std::nullopt;
  std::string real = path_of(file);
  if (!real.starts_with(real_)) return std::nullopt;
  real.erase(0, real_.size());
  return real.empty() ? "/" : real;
}

std::optional<std::string> Root::read(const std::string& path) const {
  const Descriptor file = open_file(path);
  std::string text;
  if (!file || !read_all(file, text, kLargestFile)) return std::nullopt;
  return text;
}

std::vector<std::string> Root::list(const std::string& path) const {
  std::vector<std::string> names;
  const Descriptor opened = open_folder(path);
  if (!opened) return names;
  DIR* entries = fdopendir(dup(opened.number()));
  while (const dirent* entry = entries == nullptr ? nullptr : readdir(entries)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (entries != nullptr) closedir(entries);
  std::ranges::sort(names);
  return names;
}

std::optional<std::string> Root::link(const std::string& path) const {
  const Descriptor named = open(path, O_PATH | O_NOFOLLOW);
  if (!named) return std::nullopt;
  return read_link(named.number(), "");
}

std::optional<long long> Root::changed_at(const std::string& path) const {
  struct stat status;
  const Descriptor file = open(path, O_PATH);
  if (!file || fstat(file.number(), &status) != 0) return std::nullopt;
  return status.st_mtime;
}

}  // namespace sealctl::doctor
