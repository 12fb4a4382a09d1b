// See state_folder.h.
#include "tools/sealctl/adopt/state_folder.h"

#include <array>
#include <ctime>
#include <dirent.h>
#include <memory>
#include <sys/file.h>

#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

constexpr char kParent[] = "/var/lib";
constexpr char kStateFolderName[] = "ldseal";
constexpr char kStateFolder[] = "/var/lib/ldseal";
constexpr char kLock[] = "lock";
constexpr char kNew[] = ".ldseal-new";  // behind the name of a file that is being written
constexpr int kTries = 300;             // for the lock, at kPause: 30 seconds
constexpr timespec kPause = {0, 100'000'000};
constexpr mode_t kReadableByAll = 0644;
constexpr mode_t kWritableByOthers = S_IWGRP | S_IWOTH;

void write_all(int file, const std::string& text, const std::string& shown) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(file, text.data() + done, text.size() - done);
    if (wrote < 0) throw failed_by_kernel(shown, "cannot write");
    done += static_cast<size_t>(wrote);
  }
}

void keep_owner_and_mode(int folder, const std::string& name, int file, const std::string& shown) {
  const auto old = status_at(folder, name);
  const mode_t mode = old && S_ISREG(old->st_mode) ? old->st_mode & 07777 : kReadableByAll;
  if (old && fchown(file, old->st_uid, old->st_gid) != 0)
    throw failed_by_kernel(shown, "cannot keep its owner");
  if (fchmod(file, mode) != 0) throw failed_by_kernel(shown, "cannot set its mode");
}

// Removes the files that a sealctl was writing when it was killed.
void remove_remains_in(int state_folder) {
  const int again = openat(state_folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, decltype(&closedir)> folder(again < 0 ? nullptr : fdopendir(again),
                                                         &closedir);
  if (!folder) return;
  while (const dirent* entry = readdir(folder.get()))
    if (std::string_view(entry->d_name).ends_with(kNew)) unlinkat(state_folder, entry->d_name, 0);
}

}  // namespace

std::string read_file(int file, const std::string& shown) {
  std::string text;
  std::array<char, 65536> part;
  for (;;) {
    const ssize_t got = ::read(file, part.data(), part.size());
    if (got < 0) throw failed_by_kernel(shown, "cannot read");
    if (got == 0) return text;
    text.append(part.data(), static_cast<size_t>(got));
  }
}

void remove_remains_of(int folder, const std::string& name) {
  unlinkat(folder, (name + kNew).c_str(), 0);
}

void replace_file(int folder, const std::string& name, const std::string& text,
                  const std::string& shown) {
  const std::string temporary = name + kNew;
  remove_remains_of(folder, name);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Fd file(openat(folder, temporary.c_str(), flags, 0600));
  if (!file) throw failed_by_kernel(shown + kNew, "cannot create");
  write_all(file.get(), text, shown + kNew);
  keep_owner_and_mode(folder, name, file.get(), shown + kNew);
  if (fsync(file.get()) != 0) throw failed_by_kernel(shown + kNew, "cannot make it durable");
  if (renameat(folder, temporary.c_str(), folder, name.c_str()) != 0)
    throw failed_by_kernel(shown, "cannot replace it");
  if (fsync(folder) != 0) throw failed_by_kernel(shown, "cannot make its folder durable");
}

std::optional<StateFolder> StateFolder::find(const Root& root) {
  const std::string shown = root.shown(kStateFolder);
  Fd folder = root.try_open(kStateFolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!folder) throw failed_by_kernel(shown, "cannot open");
  struct stat found {};
  if (fstat(folder.get(), &found) != 0) throw failed_by_kernel(shown, "cannot ask for its status");
  // What is recorded here gives files their privileges back.
  if ((found.st_mode & kWritableByOthers) != 0 || (found.st_uid != 0 && found.st_uid != geteuid()))
    throw Failure(kFinding,
                  fmt::format("{}: user {}, mode {:04o}: others than root may write there", shown,
                              found.st_uid, found.st_mode & 07777));
  return StateFolder(std::move(folder), shown);
}

StateFolder StateFolder::lock(const Root& root) {
  const Fd parent = root.open(kParent, O_PATH | O_DIRECTORY);
  if (mkdirat(parent.get(), kStateFolderName, 0755) != 0 && errno != EEXIST)
    throw failed_by_kernel(root.shown(kStateFolder), "cannot create");
  auto folder = find(root);
  if (!folder) throw Failure(kFinding, fmt::format("{}: is no folder", root.shown(kStateFolder)));
  const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  folder->lock_ = Fd(openat(folder->folder_.get(), kLock, flags, kReadableByAll));
  if (!folder->lock_) throw failed_by_kernel(folder->shown(kLock), "cannot open");
  for (int tries = 1; flock(folder->lock_.get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK) throw failed_by_kernel(folder->shown(kLock), "cannot lock");
    if (tries == kTries)
      throw Failure(kFinding, fmt::format("{}: another sealctl holds it", folder->shown(kLock)));
    nanosleep(&kPause, nullptr);
  }
  remove_remains_in(folder->folder_.get());
  return std::move(*folder);
}

bool StateFolder::is_locked() const {
  const Fd lock(openat(folder_.get(), kLock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return lock && flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::optional<std::string> StateFolder::read(const std::string& name) const {
  const Fd file(openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) return {};
  if (!file) throw failed_by_kernel(shown(name), "cannot open");
  return read_file(file.get(), shown(name));
}

void StateFolder::write(const std::string& name, const std::string& text) const {
  replace_file(folder_.get(), name, text, shown(name));
}

void StateFolder::remove(const std::string& name) const {
  if (unlinkat(folder_.get(), name.c_str(), 0) != 0 && errno != ENOENT)
    throw failed_by_kernel(shown(name), "cannot remove");
}

}  // namespace sealctl
