// See root.h.
#include "tools/sealctl/adopt/root.h"

#include <array>
#include <climits>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

constexpr int kPathOnly = O_PATH | O_DIRECTORY;
constexpr int kAttempts = 128;  // the kernel gives up with EAGAIN while something is renamed

int open_inside(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 1;; ++attempt) {
    const long fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN || attempt == kAttempts) return static_cast<int>(fd);
  }
}

std::string own_descriptor(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

// The path of an open file by /proc.
std::string path_by_proc(int fd) {
  std::array<char, PATH_MAX> text;
  const ssize_t length = readlink(own_descriptor(fd).c_str(), text.data(), text.size());
  if (length < 0) throw failed_by_kernel("/proc/self/fd", "is needed, cannot be read");
  return {text.data(), static_cast<size_t>(length)};
}

std::string without_slashes_behind(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

Root::Root(const std::string& directory)
    : fd_(::open(directory.c_str(), kPathOnly | O_CLOEXEC)),
      prefix_(without_slashes_behind(directory)) {
  if (!fd_) throw failed_by_kernel(directory, "cannot open");
  struct stat own {};
  struct stat system {};
  if (fstat(fd_.get(), &own) != 0 || stat("/", &system) != 0)
    throw failed_by_kernel(directory, "cannot ask for its status");
  is_system_ = own.st_dev == system.st_dev && own.st_ino == system.st_ino;
  own_path_ = without_slashes_behind(path_by_proc(fd_.get()));
  if (is_system_) return;
  const Fd probe(open_inside(fd_.get(), ".", kPathOnly));
  if (!probe)
    throw failed_by_kernel(directory, "--root needs openat2, which is in Linux since 5.6");
}

Fd Root::try_open(const std::string& path, int flags) const {
  Fd fd(open_inside(fd_.get(), path, flags));
  // In the system's root no path leads out of it.
  if (!fd && is_system_ && (errno == ENOSYS || errno == EPERM))
    fd = Fd(::open(path.c_str(), flags | O_CLOEXEC));
  return fd;
}

Fd Root::open(const std::string& path, int flags) const {
  Fd fd = try_open(path, flags);
  if (!fd) throw failed_by_kernel(shown(path), "cannot open");
  return fd;
}

std::string Root::path_of(int fd) const {
  std::string path = path_by_proc(fd);
  if (own_path_.empty()) return path;
  if (path == own_path_) return "/";
  if (!path.starts_with(own_path_ + "/")) throw Refused("has been moved out of the root");
  return path.substr(own_path_.size());
}

Place Root::place(const std::string& path) const {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "/" : path.substr(0, slash + 1);
  const std::string name = path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") throw Refused("is not the name of a file");
  Place place{try_open(folder, kPathOnly), name, {}};
  if (!place.folder) throw refused_by_kernel("cannot open its folder");
  place.path = without_slashes_behind(path_of(place.folder.get())) + "/" + name;
  return place;
}

Place Root::real_place(const std::string& path) const {
  const Fd file = try_open(path, O_PATH);
  if (!file) throw refused_by_kernel("cannot open");
  struct stat found {};
  if (fstat(file.get(), &found) != 0) throw refused_by_kernel("cannot ask for its status");
  Place real = place(path_of(file.get()));
  const auto there = status_at(real.folder.get(), real.name);
  if (!there || there->st_ino != found.st_ino || there->st_dev != found.st_dev)
    throw Refused("was renamed or replaced just now");
  return real;
}

std::optional<struct stat> Root::status(const std::string& path) const {
  const Fd file = try_open(path, O_PATH);
  struct stat found {};
  if (!file || fstat(file.get(), &found) != 0) return {};
  return found;
}

std::optional<struct stat> status_at(int folder, const std::string& name) {
  struct stat found {};
  if (fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return {};
  return found;
}

std::optional<std::string> link_at(int folder, const std::string& name) {
  std::array<char, PATH_MAX> text;
  const ssize_t length = readlinkat(folder, name.c_str(), text.data(), text.size());
  if (length < 0) return {};
  return std::string(text.data(), static_cast<size_t>(length));
}

}  // namespace sealctl
