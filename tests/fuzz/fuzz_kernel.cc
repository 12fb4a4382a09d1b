#include "tests/fuzz/fuzz_kernel.h"

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ldso/base/text.h"

namespace ldseal::fuzz {
namespace {

constexpr uint64_t kPage = 4096;
// More than any one object needs, and not so much that reading all of it takes long.
constexpr uint64_t kLargestMapping = uint64_t{16} << 20;
constexpr uint64_t kReservation = uint64_t{256} << 20;

FuzzKernel* current = nullptr;

long answer_of(long value) { return value == -1 ? -errno : value; }

// Address space that is inaccessible but for what is mapped into it.
struct Reservation {
  uint64_t start, next;

  Reservation() {
    void* got = mmap(nullptr, kReservation, PROT_NONE, kNothing, -1, 0);
    if (got == MAP_FAILED) abort();
    start = next = reinterpret_cast<uintptr_t>(got);
  }
  bool contains(uint64_t from, uint64_t length) const {
    return from >= start && range_fits(from - start, length, kReservation);
  }
  // 0: there is no room.
  uint64_t take(uint64_t length) {
    if (!contains(next, length + 2 * kPage)) return 0;
    uint64_t taken = next + kPage;
    next = round_up(taken + length, kPage);
    return taken;
  }
  void clear(uint64_t from, uint64_t length) const {
    mmap(Address(from).as<void>(), length, PROT_NONE, kNothing | MAP_FIXED, -1, 0);
  }
  void clear() {
    if (next != start) clear(start, next - start);
    next = start;
  }
  static constexpr int kNothing = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
};

Reservation& reservation() {
  static Reservation one;
  return one;
}

}  // namespace

FuzzKernel::FuzzKernel() {
  if (current != nullptr) throw std::logic_error("there is a kernel already");
  current = this;
}

FuzzKernel::~FuzzKernel() {
  for (const auto& [name, file] : files_) ::close(file.memory);
  for (auto [start, end] : fixed_) munmap(Address(start).as<void>(), end - start);
  reservation().clear();
  current = nullptr;
}

void FuzzKernel::add_file(const std::string& name, std::span<const unsigned char> bytes) {
  int memory = memfd_create("fuzzed", MFD_CLOEXEC);
  if (memory < 0 ||
      ::write(memory, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot make " + name);
  }
  files_[name] = {memory, 100 + files_.size()};
}

long FuzzKernel::find(const char* path) const {
  auto found = files_.find(path);
  if (found == files_.end()) found = files_.find(std::string(file_name(path)));
  return found == files_.end() ? -ENOENT : found->second.memory;
}

struct KernelOfFuzzers {
  static long open(const char* path) { return current->find(path); }

  static long status(int number, kernel::FileStatus& status) {
    struct stat s = {};
    if (fstat(number, &s) != 0) return -errno;
    for (const auto& [name, file] : current->files_) {
      if (file.memory != number) continue;
      status = {1, file.inode, static_cast<uint64_t>(s.st_size), 0100755};
      return 0;
    }
    return -EBADF;
  }

  // Whoever maps over something must have mapped it before.
  static bool is_mapped(uint64_t start, uint64_t length) {
    if (reservation().contains(start, length)) return start + length <= reservation().next;
    auto after = current->fixed_.upper_bound(start);
    if (after == current->fixed_.begin()) return false;
    return range_fits(start - (--after)->first, length, after->second - after->first);
  }

  static long map(uint64_t hint, uint64_t length, int protection, int flags, int file,
                  uint64_t from) {
    if (length > kLargestMapping) return -ENOMEM;
    uint64_t start = hint;
    if ((flags & MAP_FIXED) != 0 && !is_mapped(hint, length)) abort();
    bool is_free = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == 0;
    if (is_free && (start = reservation().take(length)) == 0) return -ENOMEM;
    void* got = mmap(Address(start).as<void>(), length, protection,
                     flags | (is_free ? MAP_FIXED : 0), file, static_cast<off_t>(from));
    if (got == MAP_FAILED) return -errno;
    if ((flags & MAP_FIXED_NOREPLACE) != 0)
      current->fixed_[start] = round_up(start + length, kPage);
    return static_cast<long>(start);
  }

  static long unmap(uint64_t start, uint64_t length) {
    if (!is_mapped(start, length)) abort();
    if (reservation().contains(start, length)) {
      reservation().clear(start, length);
      return 0;
    }
    current->fixed_.erase(start);
    return answer_of(munmap(Address(start).as<void>(), length));
  }
};

}  // namespace ldseal::fuzz

namespace ldseal::kernel {

using fuzz::answer_of;
using Calls = fuzz::KernelOfFuzzers;

Answer open_read_only(const char* path) { return {Calls::open(path)}; }
Answer open_to_append(const char*) { return {-EACCES}; }
Answer open_device(const char*, int) { return {-EACCES}; }
Answer close(int) { return {0}; }
Answer descriptor_flags(int) { return {0}; }
Answer read_at(int file, void* buffer, size_t count, FileOffset from) {
  return {answer_of(pread(file, buffer, count, static_cast<off_t>(from.value)))};
}
Answer write(int, std::string_view text) { return {static_cast<long>(text.size())}; }
Answer status_of(int file, FileStatus& status) { return {Calls::status(file, status)}; }
Answer status_of(const char* path, FileStatus& status) {
  long file = Calls::open(path);
  return {file < 0 ? file : Calls::status(static_cast<int>(file), status)};
}
Answer read_link(const char*, char*, size_t) { return {-ENOENT}; }
Answer current_directory(char* buffer, size_t) {
  buffer[0] = '/';
  buffer[1] = '\0';
  return {2};
}
Answer map(Address hint, ByteCount length, int protection, int flags, int file, FileOffset from) {
  return {Calls::map(hint.value, length.value, protection, flags, file, from.value)};
}
Answer unmap(Address start, ByteCount length) { return {Calls::unmap(start.value, length.value)}; }
Answer protect(Address start, ByteCount length, int protection) {
  if (!Calls::is_mapped(start.value, length.value)) abort();
  return {answer_of(mprotect(start.as<void>(), length.value, protection))};
}
Answer advise(Address start, ByteCount length, int advice) {
  return {answer_of(madvise(start.as<void>(), length.value, advice))};
}
Answer unlock(Address, ByteCount) { return {0}; }
Answer move(Address, ByteCount, Address) { return {-ENOSYS}; }
Answer move_contents(Address, ByteCount, Address) { return {-ENOSYS}; }
Answer seal(Address, ByteCount) { return {0}; }
Answer mapping_at(int, Address, MappingStatus&) { return {-ENOTTY}; }
Answer probe_read(Address) { return {0}; }
Answer probe_write(Address) { return {0}; }
Answer futex_wait(const uint32_t*, uint32_t) { return {0}; }
Answer futex_wake(const uint32_t*, int) { return {0}; }
Answer process_control(int, unsigned long) { return {-EINVAL}; }
Answer probe_recorder() { return {-ENOSYS}; }
Answer process_id() { return {1}; }
Answer run_in_child(void (*)()) { return {0}; }
uint64_t monotonic_nanoseconds() { return 0; }
void exit(int status) { throw fuzz::ProcessEnded{status}; }

}  // namespace ldseal::kernel
