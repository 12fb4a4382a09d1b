// See attacks.h.
#include "tools/sealctl/prove/attacks.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

namespace sealctl::prove {
namespace {

using Result = std::optional<Answer>;

// Newer than the headers of Debian 12.
constexpr int kGuardInstall = 102;
constexpr int kUserModeOnly = 1;  // UFFD_USER_MODE_ONLY

constexpr uint64_t kNoFile = ~uint64_t{0};
constexpr uint64_t kWritable = PROT_READ | PROT_WRITE;
constexpr uint64_t kAny = PROT_READ | PROT_WRITE | PROT_EXEC;
constexpr uint64_t kOwnMemory = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

bool has_failed(const Result& result) { return !result || result->is_refused(); }
// A preparation has failed.
Result not_made(Result result) {
  if (result) result->is_of_attack = false;
  return result;
}

uint64_t value_of(const Result& result) { return static_cast<uint64_t>(result->value); }

Result unmap(Tracee& copy, const Target& t) {
  return copy.call({SYS_munmap, {t.start, t.length()}});
}

Result unmap_a_page(Tracee& copy, const Target& t) {
  return copy.call({SYS_munmap, {t.end - t.page, t.page}});
}

template <uint64_t protection>
Result protect(Tracee& copy, const Target& t) {
  return copy.call({SYS_mprotect, {t.start, t.length(), protection}});
}

// With a new key where the processor has keys, else with the one that all memory has.
Result protect_with_key(Tracee& copy, const Target& t) {
  const Result key = copy.call({SYS_pkey_alloc, {0, 0}});
  const uint64_t number = has_failed(key) ? kNoFile : value_of(key);
  return copy.call({SYS_pkey_mprotect, {t.start, t.length(), PROT_NONE, number}});
}

Result fresh_memory(Tracee& copy, uint64_t length) {
  return copy.call({SYS_mmap, {0, length, kWritable, kOwnMemory, kNoFile, 0}});
}

Result move_away(Tracee& copy, const Target& t) {
  const Result place = fresh_memory(copy, t.length());
  if (has_failed(place)) return not_made(place);
  return copy.call(
      {SYS_mremap,
       {t.start, t.length(), t.length(), MREMAP_MAYMOVE | MREMAP_FIXED, value_of(place)}});
}

Result move_onto(Tracee& copy, const Target& t) {
  const Result memory = fresh_memory(copy, t.length());
  if (has_failed(memory)) return not_made(memory);
  return copy.call(
      {SYS_mremap,
       {value_of(memory), t.length(), t.length(), MREMAP_MAYMOVE | MREMAP_FIXED, t.start}});
}

Result map_over(Tracee& copy, const Target& t) {
  return copy.call({SYS_mmap, {t.start, t.length(), kAny, kOwnMemory | MAP_FIXED, kNoFile, 0}});
}

// The segment goes with its last attachment, whether this works or not.
Result attach_shared_memory(Tracee& copy, const Target& t) {
  constexpr int kMode = 0600;
  const int segment = shmget(IPC_PRIVATE, t.length(), IPC_CREAT | kMode);
  if (segment < 0) return not_made(Answer{-errno});
  const Result answer =
      copy.call({SYS_shmat, {static_cast<uint64_t>(segment), t.start, SHM_REMAP}});
  (void)shmctl(segment, IPC_RMID, nullptr);
  return answer;
}

template <uint64_t advice>
Result advise(Tracee& copy, const Target& t) {
  return copy.call({SYS_madvise, {t.start, t.length(), advice}});
}

template <typename Argument>
Result control(Tracee& copy, uint64_t file, uint64_t request, const Argument& argument) {
  return copy.call({SYS_ioctl, {file, request, copy.place(&argument, sizeof argument)}});
}

// Fills missing pages of the target with zeroes, also those that MADV_DONTNEED takes away.
Result fill_by_userfaultfd(Tracee& copy, const Target& t) {
  const Result file = copy.call({SYS_userfaultfd, {O_CLOEXEC | kUserModeOnly}});
  if (has_failed(file)) return not_made(file);
  const Result agreed = control(copy, value_of(file), UFFDIO_API, uffdio_api{UFFD_API, 0, 0});
  if (has_failed(agreed)) return not_made(agreed);
  const uffdio_register request{{t.start, t.length()}, UFFDIO_REGISTER_MODE_MISSING, 0};
  const Result registered = control(copy, value_of(file), UFFDIO_REGISTER, request);
  if (has_failed(registered)) return registered;
  (void)advise<MADV_DONTNEED>(copy, t);
  const Result source = fresh_memory(copy, t.page);
  if (has_failed(source)) return not_made(source);
  Result answer;
  for (uint64_t at = t.start; at < t.end; at += t.page) {
    const uffdio_copy page{at, value_of(source), t.page, UFFDIO_COPY_MODE_DONTWAKE, 0};
    answer = control(copy, value_of(file), UFFDIO_COPY, page);
    if (!answer || !answer->is_refused()) break;
  }
  return answer;
}

Result write_own_memory_file(Tracee& copy, const Target& t) {
  constexpr char kMemory[] = "/proc/self/mem";
  const Result file = copy.call(
      {SYS_openat, {static_cast<uint64_t>(AT_FDCWD), copy.place(kMemory, sizeof kMemory), O_RDWR}});
  if (has_failed(file)) return not_made(file);
  constexpr uint64_t kDifferent[] = {0x5a5a5a5a5a5a5a5a, 0x1234567812345678};
  const uint64_t bytes = copy.place(kDifferent, sizeof kDifferent);
  return copy.call(
      {SYS_pwrite64, {value_of(file), bytes, sizeof kDifferent, t.end - sizeof kDifferent}});
}

constexpr Attack kAttacks[] = {
    {"munmap", unmap},
    {"munmap of a page", unmap_a_page},
    {"mprotect rwx", protect<kAny>},
    {"mprotect none", protect<PROT_NONE>},
    {"pkey_mprotect", protect_with_key},
    {"mremap away", move_away},
    {"mremap onto", move_onto},
    {"mmap MAP_FIXED", map_over},
    {"shmat SHM_REMAP", attach_shared_memory},
    {"madvise DONTNEED", advise<MADV_DONTNEED>},
    {"userfaultfd", fill_by_userfaultfd},
    {"madvise GUARD_INSTALL", advise<kGuardInstall>, false},
    {"madvise DONTFORK", advise<MADV_DONTFORK>, false, true},
    {"/proc/self/mem", write_own_memory_file, false},
};

}  // namespace

std::span<const Attack> all_attacks() { return kAttacks; }

}  // namespace sealctl::prove
