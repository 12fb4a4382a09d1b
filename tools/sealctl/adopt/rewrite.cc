// See rewrite.h.
#include "tools/sealctl/adopt/rewrite.h"

#include <algorithm>

#include "tools/sealctl/adopt/exchange.h"
#include "tools/sealctl/adopt/refused.h"

namespace sealctl {
namespace {

// Bytes of a file that a disk writes at once, and that a killed write does not part.
constexpr uint64_t kSector = 512;
constexpr int kFile = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

bool is_in_one_sector(const Entry& entry) {
  return entry.offset / kSector == (entry.offset + entry.size - 1) / kSector;
}

bool is_root_writable_only(const struct stat& status) {
  return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// In place there is a moment without set-user-ID or capability, after which they are given back. A
// user who may write to the file could change its code in that moment.
bool may_stay_in_place(const OpenProgram& program, const Entry& entry) {
  return is_in_one_sector(entry) && entry.names.empty() &&
         (!entry.before.privileged() || is_root_writable_only(program.status));
}

bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// False if the program runs.
bool write_in_place(const OpenProgram& program, const Entry& entry, const std::string& bytes) {
  const char* name = program.place.name.c_str();
  // Open for as short as possible: as long as it is, execve(2) of the program fails with ETXTBSY.
  const Fd file(openat(program.place.folder.get(), name, O_WRONLY | kFile));
  if (!file && errno == ETXTBSY) return false;
  if (!file) throw refused_by_kernel("cannot open for writing");
  struct stat opened {};
  if (fstat(file.get(), &opened) != 0) throw refused_by_kernel("cannot ask for its status");
  if (!is_same_file(opened, program.status)) throw Refused("was replaced just now");
  const ssize_t wrote = pwrite(file.get(), bytes.data(), bytes.size(), off_t(entry.offset));
  if (wrote < 0) throw refused_by_kernel("cannot write PT_INTERP");
  if (size_t(wrote) != bytes.size()) throw Refused("PT_INTERP was written in part: run this again");
  return true;
}

Found wanted_by(const Entry& entry) {
  return entry.step == Step::kReleasing ? Found::kLibc : Found::kSeal;
}

std::string bytes_for(Found found, const Entry& entry) {
  const Machine& machine = *entry.machine;
  return interp_bytes(found == Found::kLibc ? machine.libc_name : machine.seal_name, entry.size);
}

// After a write that was killed the privileges are missing. They are given back only to the very
// file that had them, and only if no user but root could change it since.
void restore_after_crash(const OpenProgram& program, const Entry& entry) {
  if (program.status.st_ino != entry.inode) return;
  if (entry.before.privileged() && !is_root_writable_only(program.status)) return;
  restore(program.file.get(), entry.before);
}

bool same(const Changeable& one, const Changeable& other) {
  return one.mode == other.mode && one.capability == other.capability &&
         one.modified.tv_sec == other.modified.tv_sec &&
         one.modified.tv_nsec == other.modified.tv_nsec;
}

}  // namespace

OpenProgram open_program(Place place) {
  OpenProgram program{std::move(place), {}, {}};
  const auto there = status_at(program.place.folder.get(), program.place.name);
  if (!there) throw refused_by_kernel("cannot ask for its status");
  if (S_ISDIR(there->st_mode)) throw Refused("is a directory");
  if (!S_ISREG(there->st_mode)) throw Refused("is not a regular file");
  const int folder = program.place.folder.get();
  program.file = Fd(openat(folder, program.place.name.c_str(), O_RDONLY | kFile));
  if (!program.file) throw refused_by_kernel("cannot open");
  if (fstat(program.file.get(), &program.status) != 0)
    throw refused_by_kernel("cannot ask for its status");
  if (!is_same_file(program.status, *there)) throw Refused("was replaced just now");
  return program;
}

Found found_at(int file, const Entry& entry) {
  std::string bytes(entry.size, '\0');
  const ssize_t got = pread(file, bytes.data(), bytes.size(), off_t(entry.offset));
  if (got < 0) throw refused_by_kernel("cannot read");
  if (size_t(got) != bytes.size()) return Found::kOther;
  const std::string libc = bytes_for(Found::kLibc, entry);
  const std::string seal = bytes_for(Found::kSeal, entry);
  if (bytes == libc) return Found::kLibc;
  if (bytes == seal) return Found::kSeal;
  for (size_t at = 0; at < bytes.size(); ++at)
    if (bytes[at] != libc[at] && bytes[at] != seal[at]) return Found::kOther;
  return Found::kTorn;
}

Entry entry_for(const OpenProgram& program, const ElfProgram& elf, Step step) {
  if (!is_recordable(program.place.path))
    throw Refused("its path is no UTF-8: it cannot be recorded");
  return {.path = program.place.path,
          .machine = elf.machine,
          .step = step,
          .offset = elf.interp_offset,
          .size = elf.interp_size,
          .inode = program.status.st_ino,
          .before = changeable_of(program.file.get()),
          .names = {}};
}

void Rewriter::rewrite(Entry& entry) {
  const OpenProgram program = open_program(root_.place(entry.path));
  if (program.place.path != entry.path)
    throw Refused(fmt::format("its folder has moved: it is {} now", program.place.path));
  remove_remains(program.place.folder.get());
  const Found found = found_at(program.file.get(), entry);
  if (found == Found::kOther) throw Refused("has other bytes at PT_INTERP than recorded");
  if (found == wanted_by(entry)) return restore_after_crash(program, entry);
  check_changeable(program.file.get());
  if (found == Found::kTorn) {
    if (program.status.st_ino != entry.inode) throw Refused("is damaged: half of PT_INTERP is old");
  } else {
    record_again(program, entry);
  }
  write(program, entry, bytes_for(wanted_by(entry), entry));
  const dev_t device = program.status.st_dev;
  if (std::ranges::find(file_systems_, device, &std::pair<dev_t, Fd>::first) == file_systems_.end())
    file_systems_.emplace_back(device, Fd(dup(program.file.get())));
}

// Nothing has been written yet, so what the file is now is what it is to be afterwards; since the
// entry was recorded it may have been replaced, or changed by its owner.
void Rewriter::record_again(const OpenProgram& program, Entry& entry) {
  const Changeable now = changeable_of(program.file.get());
  if (program.status.st_ino == entry.inode && same(now, entry.before)) return;
  entry.inode = program.status.st_ino;
  entry.before = now;
  save_();
}

void Rewriter::write(const OpenProgram& program, Entry& entry, const std::string& bytes) {
  if (may_stay_in_place(program, entry) && write_in_place(program, entry, bytes))
    return restore(program.file.get(), entry.before);
  if (entry.names.empty()) {
    entry.names = names_of(program);
    save_();
  }
  exchange(program, entry, bytes);
}

bool Rewriter::is_untouched(const Entry& entry) const {
  if (entry.names.size() > 1) return false;
  try {
    const OpenProgram program = open_program(root_.place(entry.path));
    const Found found = found_at(program.file.get(), entry);
    return found != wanted_by(entry) && found != Found::kTorn;
  } catch (const Refused&) {
    return true;  // there is nothing that could be completed
  }
}

void Rewriter::sync() {
  for (const auto& [device, file] : file_systems_)
    if (syncfs(file.get()) != 0)
      throw failed_by_kernel("syncfs", "cannot make the changes durable");
}

}  // namespace sealctl
