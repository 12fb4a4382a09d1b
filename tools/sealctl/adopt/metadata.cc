// See metadata.h.
#include "tools/sealctl/adopt/metadata.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

constexpr char kCapability[] = "security.capability";
constexpr char kSignature[] = "security.ima";
constexpr unsigned kCopiedFlags = FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL;

// The value of an attribute; empty if the file has none of this name.
std::string attribute(int file, const char* name) {
  for (;;) {
    const ssize_t size = fgetxattr(file, name, nullptr, 0);
    if (size < 0 && (errno == ENODATA || errno == ENOTSUP)) return {};
    std::string value(size < 0 ? 0 : static_cast<size_t>(size), '\0');
    const ssize_t got = size < 0 ? size : fgetxattr(file, name, value.data(), value.size());
    if (got < 0 && errno == ERANGE) continue;  // it has grown since
    if (got < 0) throw refused_by_kernel(fmt::format("cannot read its attribute {}", name));
    value.resize(static_cast<size_t>(got));
    return value;
  }
}

void set_attribute(int file, const char* name, const std::string& value) {
  if (fsetxattr(file, name, value.data(), value.size(), 0) != 0)
    throw refused_by_kernel(fmt::format("cannot set its attribute {}", name));
}

void copy_attributes(int from, int to) {
  const ssize_t size = flistxattr(from, nullptr, 0);
  if (size < 0 && errno == ENOTSUP) return;
  std::string names(size < 0 ? 0 : static_cast<size_t>(size), '\0');
  if (size < 0 || flistxattr(from, names.data(), names.size()) != size)
    throw refused_by_kernel("cannot list its attributes");
  for (size_t at = 0; at < names.size(); at += std::strlen(&names[at]) + 1) {
    const std::string value = attribute(from, &names[at]);
    // A security module may have labelled the copy already and forbid to set the same label.
    if (value != attribute(to, &names[at])) set_attribute(to, &names[at], value);
  }
}

// The flags of chattr(1); 0 on file systems without them.
unsigned flags_of(int file) {
  unsigned flags = 0;
  return ioctl(file, FS_IOC_GETFLAGS, &flags) == 0 ? flags : 0;
}

void copy_flags(int from, int to) {
  const unsigned wanted = flags_of(from) & kCopiedFlags;
  unsigned flags = flags_of(to);
  if ((flags & kCopiedFlags) == wanted) return;
  flags = (flags & ~kCopiedFlags) | wanted;
  if (ioctl(to, FS_IOC_SETFLAGS, &flags) != 0) throw refused_by_kernel("cannot set its flags");
}

struct stat status_of_file(int file) {
  struct stat found {};
  if (fstat(file, &found) != 0) throw refused_by_kernel("cannot ask for its status");
  return found;
}

bool same(const timespec& one, const timespec& other) {
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

void set_times(int file, const timespec& accessed, const timespec& modified) {
  const timespec times[] = {accessed, modified};
  if (futimens(file, times) != 0) throw refused_by_kernel("cannot set its times");
}

}  // namespace

Changeable changeable_of(int file) {
  const struct stat found = status_of_file(file);
  return {found.st_mode & ~S_IFMT, found.st_mtim, attribute(file, kCapability)};
}

void restore(int file, const Changeable& before) {
  const Changeable now = changeable_of(file);
  if (now.capability != before.capability) set_attribute(file, kCapability, before.capability);
  if (now.mode != before.mode && fchmod(file, before.mode) != 0)
    throw refused_by_kernel("cannot set its mode");
  if (!same(now.modified, before.modified)) set_times(file, {0, UTIME_OMIT}, before.modified);
}

void copy_metadata(int from, int to) {
  const struct stat found = status_of_file(from);
  // In this order: a new owner takes the mode's highest bits and the capability away.
  if (fchown(to, found.st_uid, found.st_gid) != 0) throw refused_by_kernel("cannot set its owner");
  copy_attributes(from, to);
  if (fchmod(to, found.st_mode & ~S_IFMT) != 0) throw refused_by_kernel("cannot set its mode");
  copy_flags(from, to);
  set_times(to, found.st_atim, found.st_mtim);
}

void check_changeable(int file) {
  struct statvfs mount {};
  if (fstatvfs(file, &mount) != 0) throw refused_by_kernel("cannot ask for its file system");
  if ((mount.f_flag & ST_RDONLY) != 0) throw Refused("is on a file system that is read-only here");
  const unsigned flags = flags_of(file);
  if ((flags & FS_IMMUTABLE_FL) != 0) throw Refused("is immutable: chattr -i permits the change");
  if ((flags & FS_APPEND_FL) != 0) throw Refused("is append-only: chattr -a permits the change");
  if ((flags & FS_VERITY_FL) != 0) throw Refused("is protected by fs-verity: it cannot change");
  if (!attribute(file, kSignature).empty())
    throw Refused(
        fmt::format("is signed by its attribute {}: a change makes that wrong", kSignature));
  struct statfs system {};
  if (fstatfs(file, &system) != 0) throw refused_by_kernel("cannot ask for its file system");
  const struct stat found = status_of_file(file);
  if (system.f_type == OVERLAYFS_SUPER_MAGIC && found.st_nlink > 1)
    throw Refused(
        fmt::format("has {} names (hard links) on an overlay file system, which a write "
                    "would part",
                    found.st_nlink));
}

}  // namespace sealctl
