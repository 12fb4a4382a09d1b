// The system calls that the loader makes, typed. The only code that talks to the kernel; tests
// replace kernel.cc. Every call gives the kernel's answer or, negative, its errno.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ldso/base/number.h"

namespace ldseal::kernel {

struct Answer {
  long value;
  constexpr bool failed() const { return value < 0 && value >= -kLargestError; }
  constexpr int error_number() const { return failed() ? static_cast<int>(-value) : 0; }

  static constexpr long kLargestError = 4095;  // the kernel's MAX_ERRNO
};

// What identifies a file and what a loader must know of it.
struct FileStatus {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  uint32_t mode = 0;            // st_mode: inode(7)
  uint64_t special_device = 0;  // st_rdev: which device a device file is

  bool is_directory() const { return (mode & 0170000) == 0040000; }
  bool is_regular() const { return (mode & 0170000) == 0100000; }
  bool is_character_device() const { return (mode & 0170000) == 0020000; }
  bool is_set_user_id() const { return (mode & 04000) != 0; }
};

// One mapping of this process, as /proc/self/maps shows it.
struct MappingStatus {
  static constexpr size_t kNameCapacity = 16;

  AddressRange range;
  int protection = 0;             // PROT_…
  char name[kNameCapacity] = {};  // "" where it has none
};

Answer open_read_only(const char* path);  // O_CLOEXEC
Answer open_to_append(const char* path);  // creates it, mode 0666 less umask
// For the program, not for us: it stays open across execve(2). Not through a symbolic link.
Answer open_device(const char* path, int access);
Answer close(int file);
Answer descriptor_flags(int file);  // fcntl(2), F_GETFD
Answer read_at(int file, void* buffer, size_t count, FileOffset from);
Answer write(int file, std::string_view text);
Answer status_of(int file, FileStatus& status);
Answer status_of(const char* path, FileStatus& status);
Answer read_link(const char* path, char* buffer, size_t capacity);
Answer current_directory(char* buffer, size_t capacity);  // counts the closing NUL

Answer map(Address hint, ByteCount length, int protection, int flags, int file, FileOffset from);
Answer unmap(Address start, ByteCount length);
Answer protect(Address start, ByteCount length, int protection);
Answer advise(Address start, ByteCount length, int advice);
Answer unlock(Address start, ByteCount length);           // munlock(2)
Answer move(Address from, ByteCount length, Address to);  // mremap(2) over what is mapped at `to`
Answer seal(Address start, ByteCount length);             // mseal(2)
// PROCMAP_QUERY, ioctl(2) on an open /proc/self/maps: the mapping that `address` is in. ENOENT: there
// is none; ENAMETOOLONG: its name does not fit; ENOTTY before Linux 6.11.
Answer mapping_at(int maps, Address address, MappingStatus& status);

// EFAULT: whoever reads at `at` gets SIGSEGV. Else nothing happens: 0 if a word of zeros is there.
Answer probe_read(Address at);

// futex(2), private to this process. Waiting ends at once where the word is no longer `expected`, and may end early.
Answer futex_wait(const uint32_t* word, uint32_t expected);
Answer futex_wake(const uint32_t* word, int waiters);

Answer process_control(int option, unsigned long argument);  // prctl(2)
Answer probe_recorder();  // rr's own system call; 0 under rr, ENOSYS elsewhere
Answer process_id();
uint64_t monotonic_nanoseconds();
[[noreturn]] void exit(int status);

}  // namespace ldseal::kernel
