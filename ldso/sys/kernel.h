// The system calls that ld-seal makes, with types. No other code calls the kernel, so tests replace
// kernel.cc. Every call returns the kernel's answer: a value, or an errno.
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

// The identity of a file, and what ld-seal needs to know about it.
struct FileStatus {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  uint32_t mode = 0;            // st_mode: inode(7)
  uint64_t special_device = 0;  // st_rdev: the device that a device file stands for

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
  char name[kNameCapacity] = {};  // "" if it has no name
};

Answer open_read_only(const char* path);  // O_CLOEXEC
Answer open_to_append(const char* path);  // creates the file with mode 0666 less umask
// Opens a descriptor for the program: it stays open across execve(2). Does not follow a symbolic
// link.
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
// The same, but the range stays mapped, without its contents (MREMAP_DONTUNMAP, Linux 5.7).
Answer move_contents(Address from, ByteCount length, Address to);
Answer seal(Address start, ByteCount length);  // mseal(2)
// Describes the mapping that contains `address`, by the ioctl(2) PROCMAP_QUERY on an open
// /proc/self/maps. ENOENT: there is none. ENAMETOOLONG: its name does not fit. ENOTTY: the kernel
// is older than Linux 6.11.
Answer mapping_at(int maps, Address address, MappingStatus& status);

// Returns EFAULT if reading the aligned word at `at` would fault, 0 if the word is 0. Has no side
// effects.
Answer probe_read(Address at);
// Returns EFAULT if writing to the aligned word at `at` would fault. Changes nothing.
Answer probe_write(Address at);

// futex(2), private to this process. The wait ends at once if the word is not `expected`, and it
// may end early.
Answer futex_wait(const uint32_t* word, uint32_t expected);
Answer futex_wake(const uint32_t* word, int waiters);

// rt_sigprocmask(2), for the calling thread. All signals; the mask as it was before.
uint64_t block_signals();
// All but the first three real-time signals, by which libc asks every thread for something and
// waits for it: glibc's setuid(2), musl's setuid and membarrier.
uint64_t block_signals_of_programs();
void set_signal_mask(uint64_t mask);

Answer process_control(int option, unsigned long argument);  // prctl(2)
Answer probe_recorder();  // rr's own system call; 0 under rr, ENOSYS elsewhere
Answer process_id();
// Calls `question` in a child process, which leaves no core dump and no signal behind. Returns its
// wait status (wait(2)): 0 if `question` has returned.
Answer run_in_child(void (*question)());
uint64_t monotonic_nanoseconds();
[[noreturn]] void exit(int status);

// The exit status of a process that ld-seal cannot start or go on with; a shell's for a command
// that it cannot run.
inline constexpr int kCannotGoOn = 127;
// Writes `line` to standard error and ends the process with that status.
[[noreturn]] inline void die(std::string_view line) {
  write(2, line);
  exit(kCannotGoOn);
}

}  // namespace ldseal::kernel
