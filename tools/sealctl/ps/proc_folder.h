// The folder of one process in /proc. It is opened once: what is read through it is never that of
// another process with the same number.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

#include "tools/sealctl/files.h"

namespace sealctl::ps {

class ProcFolder {
 public:
  explicit ProcFolder(pid_t pid);
  // Was there such a process?
  explicit operator bool() const { return static_cast<bool>(folder_); }
  int number() const { return folder_.number(); }

  // A file of the folder. Reading fails with ESRCH once the process has ended, and with EACCES if
  // the caller may not look at it.
  std::optional<std::string> read(const char* name) const;
  bool read_into(const char* name, std::string& text) const;
  std::optional<std::string> link(const char* name) const { return read_link(number(), name); }
  // Opens a regular file by a name in the folder, which may be one of its magic links. Devices and
  // FIFOs, which the process may have chosen, are not opened.
  Descriptor open_regular(const std::string& name) const;

 private:
  Descriptor folder_;
};

}  // namespace sealctl::ps
