// See exchange.h.
#include "tools/sealctl/adopt/exchange.h"

#include <algorithm>
#include <dirent.h>
#include <memory>
#include <sys/sendfile.h>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

constexpr char kCopy[] = ".ldseal-copy";
constexpr char kNewName[] = ".ldseal-name";

void copy_bytes(int from, int to, off_t size) {
  off_t at = 0;
  while (at < size) {
    const ssize_t copied = sendfile(to, from, &at, static_cast<size_t>(size - at));
    if (copied < 0) throw refused_by_kernel("cannot copy");
    if (copied == 0) throw Refused("became shorter just now");
  }
}

// A write to the original takes its privileges, so if they are still there after the last byte was
// read, the copy has the bytes that had them.
void check_untouched(const OpenProgram& program, const Entry& entry) {
  const Changeable now = changeable_of(program.file.get());
  const bool privileged =
      now.mode == entry.before.mode && now.capability == entry.before.capability;
  if (!privileged || now.modified.tv_sec != program.status.st_mtim.tv_sec ||
      now.modified.tv_nsec != program.status.st_mtim.tv_nsec)
    throw Refused("was written to just now");
}

void make_copy(const OpenProgram& program, const Entry& entry, const std::string& bytes) {
  const int folder = program.place.folder.get();
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Fd copy(openat(folder, kCopy, flags, 0600));
  if (!copy) throw refused_by_kernel(fmt::format("cannot create {} in its folder", kCopy));
  copy_bytes(program.file.get(), copy.get(), program.status.st_size);
  if (pwrite(copy.get(), bytes.data(), bytes.size(), off_t(entry.offset)) != ssize_t(bytes.size()))
    throw refused_by_kernel("cannot write PT_INTERP");
  copy_metadata(program.file.get(), copy.get());
  check_untouched(program, entry);
  if (fsync(copy.get()) != 0) throw refused_by_kernel("cannot make its copy durable");
}

// True if the name leads to the original or to a copy of it that a killed exchange has made.
bool may_be_replaced(const OpenProgram& program, const Entry& entry, const std::string& name) {
  const int folder = program.place.folder.get();
  const auto there = status_at(folder, name);
  if (!there || !S_ISREG(there->st_mode)) return false;
  if (there->st_ino == program.status.st_ino && there->st_dev == program.status.st_dev) return true;
  const Fd file(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return file && there->st_size == program.status.st_size &&
         there->st_uid == program.status.st_uid && found_at(file.get(), entry) != Found::kOther;
}

void move_name(const OpenProgram& program, const Entry& entry, const std::string& name) {
  const int folder = program.place.folder.get();
  if (!may_be_replaced(program, entry, name))
    throw Refused(fmt::format("its other name {} was replaced just now", name));
  if (linkat(folder, kCopy, folder, kNewName, 0) != 0)
    throw refused_by_kernel(fmt::format("cannot create {} in its folder", kNewName));
  if (renameat(folder, kNewName, folder, name.c_str()) != 0)
    throw refused_by_kernel(fmt::format("cannot replace {}", name));
}

}  // namespace

std::vector<std::string> names_of(const OpenProgram& program) {
  const int again = openat(program.place.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, decltype(&closedir)> folder(again < 0 ? nullptr : fdopendir(again),
                                                         &closedir);
  if (!folder) throw refused_by_kernel("cannot list its folder");
  std::vector<std::string> names;
  while (const dirent* entry = readdir(folder.get())) {
    const auto there = status_at(program.place.folder.get(), entry->d_name);
    if (there && there->st_ino == program.status.st_ino && there->st_dev == program.status.st_dev)
      names.emplace_back(entry->d_name);
  }
  if (names.size() != program.status.st_nlink)
    throw Refused(
        fmt::format("cannot be changed in place while it runs, and only {} of its {} names "
                    "(hard links) are in its folder",
                    names.size(), program.status.st_nlink));
  if (!std::ranges::all_of(names, is_recordable)) throw Refused("one of its names is no UTF-8");
  std::ranges::sort(names);
  return names;
}

void exchange(const OpenProgram& program, const Entry& entry, const std::string& bytes) {
  const int folder = program.place.folder.get();
  try {
    make_copy(program, entry, bytes);
    // The entry's own path comes last: as long as it has the old bytes, the exchange is not done.
    for (const std::string& name : entry.names)
      if (name != program.place.name) move_name(program, entry, name);
    move_name(program, entry, program.place.name);
  } catch (const Refused&) {
    remove_remains(folder);
    throw;
  }
  remove_remains(folder);
}

void remove_remains(int folder) {
  unlinkat(folder, kCopy, 0);
  unlinkat(folder, kNewName, 0);
}

}  // namespace sealctl
