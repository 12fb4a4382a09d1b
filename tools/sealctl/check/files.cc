// See files.h. Folders are walked by descriptors and no symbolic link is followed, so that the walk
// stays in the root and ends.
#include "tools/sealctl/check/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tools/sealctl/check/kernel_in_root.h"
#include "tools/sealctl/failure.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl::check {
namespace {

constexpr char kPackages[] = "/var/lib/dpkg/info";
constexpr char kDebugFiles[] = "/usr/lib/debug";  // they have the headers of programs, not the code

// Programs and libraries; not object files, kernel modules and core dumps.
bool is_loadable(const Descriptor& file) {
  constexpr size_t kTypeAt = 16;
  unsigned char start[kTypeAt + 2];
  if (!file) return false;
  posix_fadvise(file.number(), 0, 0, POSIX_FADV_RANDOM);  // one page, and none ahead
  if (pread(file.number(), start, sizeof start, 0) != sizeof start) return false;
  if (std::memcmp(start, ELFMAG, SELFMAG) != 0) return false;
  const bool is_big = start[EI_DATA] == ELFDATA2MSB;
  const unsigned type = is_big ? start[kTypeAt + 1] : start[kTypeAt];
  return type == ET_EXEC || type == ET_DYN;
}

// Folders in which there are no files of a disk.
bool is_of_kernel(const Descriptor& folder) {
  struct statfs system {};
  if (fstatfs(folder.number(), &system) != 0) return true;
  return system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC ||
         system.f_type == DEVPTS_SUPER_MAGIC;
}

struct Entry {
  std::string name;
  unsigned char type;  // DT_…
};

std::vector<Entry> entries_of(const Descriptor& folder) {
  std::vector<Entry> entries;
  DIR* opened = fdopendir(dup(folder.number()));
  if (opened == nullptr) return entries;
  while (const dirent* entry = readdir(opened)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
  }
  closedir(opened);
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

unsigned char type_of(const Descriptor& folder, const std::string& name) {
  struct stat status;
  if (fstatat(folder.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
  return IFTODT(status.st_mode);
}

bool may_be_package(std::string_view name) {
  return name.size() > 1 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view("+-.:").find(c) != std::string_view::npos;
         });
}

}  // namespace

void Files::add_subject(const std::string& path, bool is_named) {
  if (known_.insert(path).second) subjects_.push_back({path, is_named});
}

void Files::add(const std::string& argument) {
  if (argument.empty()) throw Failure(kUsage, "FILE: is empty; --help shows usage");
  const std::string path = absolute(root_, argument);
  const auto real = root_.real_path(path);
  if (!real) {
    const int error_number = errno;
    if (add_package(argument)) return;
    throw Failure(kNotPermitted, fmt::format("{}: cannot open, and no package has the name: {}",
                                             printable(argument), std::strerror(error_number)));
  }
  if (Descriptor folder = root_.open_folder(*real)) return walk(std::move(folder), *real);
  if (!root_.open_file(*real))
    throw Failure(kNotPermitted, fmt::format("{}: cannot read the file: {}", printable(argument),
                                             std::strerror(errno)));
  add_subject(*real, true);
}

// dpkg has a list of files for each package, with the machine in its name if several machines'
// packages can be installed together.
bool Files::add_package(const std::string& name) {
  if (!may_be_package(name)) return false;
  bool is_known = false;
  for (const std::string& list : root_.list(kPackages)) {
    if (!list.ends_with(".list") || !list.starts_with(name)) continue;
    const std::string_view rest = std::string_view(list).substr(name.size());
    if (rest != ".list" && !rest.starts_with(':')) continue;
    is_known = true;
    const std::string text = root_.read(fmt::format("{}/{}", kPackages, list)).value_or("");
    for (std::string_view left = text; !left.empty();)
      add_file_of_package(std::string(take(left, '\n')));
  }
  return is_known;
}

void Files::add_file_of_package(const std::string& path) {
  if (!path.starts_with('/') || path.starts_with(kDebugFiles) || root_.link(path)) return;
  if (!is_loadable(root_.open_file(path))) return;
  if (const auto real = root_.real_path(path)) add_subject(*real, false);
}

void Files::walk(Descriptor folder, const std::string& path) {
  if (path == kDebugFiles || is_of_kernel(folder)) return;
  for (const Entry& entry : entries_of(folder)) {
    const unsigned char type = entry.type == DT_UNKNOWN ? type_of(folder, entry.name) : entry.type;
    look_at_entry(folder, entry.name, type, (path == "/" ? "" : path) + "/" + entry.name);
  }
}

void Files::look_at_entry(const Descriptor& folder, const std::string& name, unsigned char type,
                          const std::string& path) {
  if (type == DT_DIR) {
    Descriptor below(
        openat(folder.number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (below) walk(std::move(below), path);
  }
  if (type != DT_REG || name.ends_with(".debug")) return;
  const Descriptor file(openat(folder.number(), name.c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (is_loadable(file) || (!file && errno == EACCES)) add_subject(path, false);
}

}  // namespace sealctl::check
