// See proc_folder.h.
#include "tools/sealctl/ps/proc_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace sealctl::ps {
namespace {

constexpr size_t kMost = size_t{1} << 30;  // smaps of a million mappings

}  // namespace

ProcFolder::ProcFolder(pid_t pid)
    : folder_(open(fmt::format("/proc/{}", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

std::optional<std::string> ProcFolder::read(const char* name) const {
  std::string text;
  if (!read_into(name, text)) return std::nullopt;
  return text;
}

bool ProcFolder::read_into(const char* name, std::string& text) const {
  const Descriptor file(openat(number(), name, O_RDONLY | O_CLOEXEC));
  return file && read_all(file, text, kMost);
}

Descriptor ProcFolder::open_regular(const std::string& name) const {
  struct stat status;
  if (fstatat(number(), name.c_str(), &status, 0) != 0 || !S_ISREG(status.st_mode)) return {};
  Descriptor file(openat(number(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return file;
}

}  // namespace sealctl::ps
