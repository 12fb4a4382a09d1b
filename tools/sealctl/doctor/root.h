// The root folder of the system that is looked at: "/", or an image's or a chroot's. Absolute
// symbolic links in it lead into it, and no name leads out of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/sealctl/files.h"

namespace sealctl::doctor {

class Root {
 public:
  // Throws a Failure if the folder cannot be opened.
  explicit Root(const std::string& path);

  bool is_running_system() const { return path_ == "/"; }
  const std::string& path() const { return path_; }
  int number() const { return folder_.number(); }

  // The paths below are absolute, as the system in the root sees them.

  // Opens a regular file. None: there is no such file, or it is of another kind.
  Descriptor open_file(const std::string& path) const;
  // Opens a file of any kind by its name alone (O_PATH), or a folder to be listed.
  Descriptor open_name(const std::string& path) const;
  Descriptor open_folder(const std::string& path) const;
  bool has(const std::string& path) const;
  // The path without symbolic links. None: there is no such file or folder.
  std::optional<std::string> real_path(const std::string& path) const;
  std::optional<std::string> read(const std::string& path) const;
  // The names in a folder, sorted. Empty: there is no such folder.
  std::vector<std::string> list(const std::string& path) const;
  // The target of a symbolic link, as it is written. None: it is none.
  std::optional<std::string> link(const std::string& path) const;
  // The time of the last change of its contents, in seconds. None: there is no such file.
  std::optional<long long> changed_at(const std::string& path) const;

 private:
  Descriptor open(const std::string& path, int flags) const;

  std::string path_;
  std::string real_;  // the root's own path, without symbolic links
  Descriptor folder_;
};

}  // namespace sealctl::doctor
