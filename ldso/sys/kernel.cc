// Each call in one line: its number and arguments are those of its man page.
#include "ldso/sys/kernel.h"

#include <asm/errno.h>
#include <asm/stat.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/mman.h>
#include <linux/time.h>

#include "arch/native.h"

namespace ldseal::kernel {
namespace {

long word(const void* p) { return static_cast<long>(reinterpret_cast<uintptr_t>(p)); }
long word(uint64_t v) { return static_cast<long>(v); }

Answer call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  return {raw_system_call(number, a, b, c, d, e, f)};
}

Answer fill(Answer answer, const struct stat& s, FileStatus& status) {
  if (!answer.failed()) {
    status = {s.st_dev, s.st_ino, static_cast<uint64_t>(s.st_size),
              static_cast<uint32_t>(s.st_mode), s.st_rdev};
  }
  return answer;
}

// struct procmap_query of <linux/fs.h>; the headers of the build may be too old to have it.
struct MappingQuery {
  uint64_t size = sizeof(MappingQuery);
  uint64_t wanted = 0;  // only the mapping that contains the address
  uint64_t address = 0;
  uint64_t start = 0, end = 0;
  uint64_t flags = 0;
  uint64_t page_size = 0, offset = 0, inode = 0;
  uint32_t device_major = 0, device_minor = 0;
  uint32_t name_size = 0, build_id_size = 0;
  uint64_t name = 0, build_id = 0;
};
static_assert(sizeof(MappingQuery) == 104);

// Translates PROCMAP_QUERY_VMA_READABLE and its neighbours.
int protection_of(uint64_t flags) {
  return ((flags & 1) != 0 ? PROT_READ : 0) | ((flags & 2) != 0 ? PROT_WRITE : 0) |
         ((flags & 4) != 0 ? PROT_EXEC : 0);
}

}  // namespace

Answer open_read_only(const char* path) {
  return call(__NR_openat, AT_FDCWD, word(path), O_RDONLY | O_CLOEXEC);
}

Answer open_to_append(const char* path) {
  return call(__NR_openat, AT_FDCWD, word(path), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

Answer open_device(const char* path, int access) {
  return call(__NR_openat, AT_FDCWD, word(path), access | O_NOFOLLOW);
}

Answer close(int file) { return call(__NR_close, file); }

Answer descriptor_flags(int file) { return call(__NR_fcntl, file, F_GETFD); }

Answer read_at(int file, void* buffer, size_t count, FileOffset from) {
  return call(__NR_pread64, file, word(buffer), word(count), word(from.value));
}

Answer write(int file, std::string_view text) {
  return call(__NR_write, file, word(text.data()), word(text.size()));
}

Answer status_of(int file, FileStatus& status) {
  struct stat s;
  Answer answer = call(__NR_newfstatat, file, word(""), word(&s), AT_EMPTY_PATH);
  // A filter may allow but one of the two, and glibc has used either.
  if (answer.failed()) answer = call(__NR_fstat, file, word(&s));
  return fill(answer, s, status);
}

Answer status_of(const char* path, FileStatus& status) {
  struct stat s;
  return fill(call(__NR_newfstatat, AT_FDCWD, word(path), word(&s), 0), s, status);
}

Answer read_link(const char* path, char* buffer, size_t capacity) {
  return call(__NR_readlinkat, AT_FDCWD, word(path), word(buffer), word(capacity));
}

Answer current_directory(char* buffer, size_t capacity) {
  return call(__NR_getcwd, word(buffer), word(capacity));
}

Answer map(Address hint, ByteCount length, int protection, int flags, int file, FileOffset from) {
  return call(__NR_mmap, word(hint.value), word(length.value), protection, flags, file,
              word(from.value));
}

Answer unmap(Address start, ByteCount length) {
  return call(__NR_munmap, word(start.value), word(length.value));
}

Answer protect(Address start, ByteCount length, int protection) {
  return call(__NR_mprotect, word(start.value), word(length.value), protection);
}

Answer advise(Address start, ByteCount length, int advice) {
  return call(__NR_madvise, word(start.value), word(length.value), advice);
}

Answer futex_wait(const uint32_t* word_to_watch, uint32_t expected) {
  return call(__NR_futex, word(word_to_watch), FUTEX_WAIT_PRIVATE, expected, 0);
}

Answer futex_wake(const uint32_t* word_to_watch, int waiters) {
  return call(__NR_futex, word(word_to_watch), FUTEX_WAKE_PRIVATE, waiters);
}

Answer mapping_at(int maps, Address address, MappingStatus& status) {
  MappingQuery query;
  query.address = address.value;
  query.name_size = MappingStatus::kNameCapacity;
  query.name = reinterpret_cast<uintptr_t>(status.name);
  status.name[0] = '\0';
  Answer answer = call(__NR_ioctl, maps, word(_IOWR('f', 17, MappingQuery)), word(&query));
  if (!answer.failed()) {
    status.range = {Address(query.start), Address(query.end)};
    status.protection = protection_of(query.flags);
  }
  return answer;
}

Answer unlock(Address start, ByteCount length) {
  return call(__NR_munlock, word(start.value), word(length.value));
}

// FUTEX_CMP_REQUEUE with zero waiters makes the kernel read the word and do nothing else. It needs
// no file descriptor. valgrind reads the arguments of most other calls itself, and would crash.
Answer probe_read(Address at) {
  constexpr long kNobody = 0, kExpected = 0;
  return call(__NR_futex, word(at.value), FUTEX_CMP_REQUEUE_PRIVATE, kNobody, kNobody,
              word(at.value), kExpected);
}

// FUTEX_WAKE_OP of no waiter: the kernel writes what the word was.
Answer probe_write(Address at) {
  constexpr long kNone = 0, kOrNothing = FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0);
  return call(__NR_futex, word(at.value), FUTEX_WAKE_OP_PRIVATE, kNone, kNone, word(at.value),
              kOrNothing);
}

Answer move(Address from, ByteCount length, Address to) {
  return call(__NR_mremap, word(from.value), word(length.value), word(length.value),
              MREMAP_MAYMOVE | MREMAP_FIXED, word(to.value));
}

Answer move_contents(Address from, ByteCount length, Address to) {
  return call(__NR_mremap, word(from.value), word(length.value), word(length.value),
              MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, word(to.value));
}

Answer seal(Address start, ByteCount length) {
  constexpr long kMseal = 462;  // on both machines; headers before Linux 6.10 lack it
  return call(kMseal, word(start.value), word(length.value));
}

namespace {

uint64_t exchange_signal_mask(uint64_t mask) {
  constexpr int kSetMask = 2;  // SIG_SETMASK of <asm/signal.h>
  uint64_t before = 0;
  call(__NR_rt_sigprocmask, kSetMask, word(&mask), word(&before), sizeof mask);
  return before;
}

}  // namespace

uint64_t block_signals() { return exchange_signal_mask(~uint64_t{0}); }

uint64_t block_signals_of_programs() {
  constexpr uint64_t kLibcs = uint64_t{7} << 31;  // 32, 33 and 34
  return exchange_signal_mask(~kLibcs);
}

void set_signal_mask(uint64_t mask) {
  constexpr int kSetMask = 2;
  call(__NR_rt_sigprocmask, kSetMask, word(&mask), 0, sizeof mask);
}

Answer process_control(int option, unsigned long argument) {
  return call(__NR_prctl, option, word(argument));
}

Answer probe_recorder() {
  constexpr long kRrCheckPresence = 1008;
  return call(kRrCheckPresence);
}

// The child is of the kind that sends no signal when it ends, and that only __WALL waits for.
Answer run_in_child(void (*question)()) {
  constexpr long kAnyKind = 0x40000000, kSetDumpable = 4;  // __WALL, PR_SET_DUMPABLE
  Answer child = call(__NR_clone);
  if (child.value == 0) {
    call(__NR_prctl, kSetDumpable, 0);
    question();
    exit(0);
  }
  if (child.failed()) return child;
  int status = 0;
  Answer ended;
  do ended = call(__NR_wait4, child.value, word(&status), kAnyKind);
  while (ended.error_number() == EINTR);
  return ended.failed() ? ended : Answer{status};
}

Answer process_id() { return call(__NR_getpid); }

uint64_t monotonic_nanoseconds() {
  struct {
    int64_t seconds, nanoseconds;
  } now = {0, 0};
  call(__NR_clock_gettime, CLOCK_MONOTONIC, word(&now));
  return static_cast<uint64_t>(now.seconds) * 1'000'000'000 +
         static_cast<uint64_t>(now.nanoseconds);
}

void exit(int status) {
  for (;;) call(__NR_exit_group, status);
}

}  // namespace ldseal::kernel
