// The tree that is worked on: the system's, or an image or chroot below a folder. No path leads out
// of it, whatever symbolic links it has: openat2(2) resolves every path inside it.
#pragma once

#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "tools/sealctl/adopt/fd.h"

namespace sealctl {

// A file by its folder, all symbolic links on the way resolved. The file itself may be missing.
struct Place {
  Fd folder;
  std::string name;
  std::string path;  // in the root, without symbolic links before `name`
};

class Root {
 public:
  // Throws a Failure if `directory` cannot be opened, or if the kernel lacks openat2 and
  // `directory` is not "/".
  explicit Root(const std::string& directory);

  bool is_system() const { return is_system_; }
  int fd() const { return fd_.get(); }

  // The path as the user of the command knows it: behind the folder of the root.
  std::string shown(std::string_view path) const { return prefix_ + std::string(path); }

  // Opens a path of the root. Gives errno instead of throwing.
  Fd try_open(const std::string& path, int flags) const;

  // As try_open; throws a Failure that names the path.
  Fd open(const std::string& path, int flags) const;

  // The folder of `path` opened, with its real path. Throws Refused if there is no such folder.
  Place place(const std::string& path) const;

  // The place of the file that `path` leads to through all symbolic links. Throws Refused.
  Place real_place(const std::string& path) const;

  // The status of what `path` leads to, or nothing.
  std::optional<struct stat> status(const std::string& path) const;

 private:
  std::string path_of(int fd) const;

  Fd fd_;
  std::string prefix_;  // "" for "/"
  std::string own_path_;
  bool is_system_ = false;
};

// The status of the file itself, which may be a symbolic link, or nothing.
std::optional<struct stat> status_at(int folder, const std::string& name);

// What a symbolic link says, or nothing if it is none.
std::optional<std::string> link_at(int folder, const std::string& name);

}  // namespace sealctl
