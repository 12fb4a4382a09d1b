// What a file is beside its bytes: owner, mode, times, extended attributes. Kept or copied exactly.
#pragma once

#include <string>
#include <sys/stat.h>

namespace sealctl {

// What a write to a file changes beside its bytes.
struct Changeable {
  mode_t mode = 0;         // a write may clear set-user-ID and set-group-ID
  timespec modified{};     // a write sets it
  std::string capability;  // the attribute security.capability, empty if none: a write removes it

  bool privileged() const { return (mode & (S_ISUID | S_ISGID)) != 0 || !capability.empty(); }
};

// Throws Refused if the file cannot be asked.
Changeable changeable_of(int file);

// Gives the file what a write took from it. `file` need not be open for writing. Throws Refused.
void restore(int file, const Changeable& before);

// Copies owner, mode, times, every extended attribute and the flags of chattr(1). Throws Refused.
void copy_metadata(int from, int to);

// Throws Refused if the file's bytes cannot or must not change: its file system is read-only, it is
// immutable, append-only or signed.
void check_changeable(int file);

}  // namespace sealctl
