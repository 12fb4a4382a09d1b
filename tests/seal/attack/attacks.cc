#include "attacks.h"

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "userfault.h"

namespace {

// Newer than the headers of the machine that the tests are built on.
constexpr int kSysMseal = 462, kSysProcessMadvise = 440, kSysPidfdOpen = 434;
constexpr int kCollapse = 25, kGuardInstall = 102, kGuardRemove = 103;

using Result = std::optional<Answer>;

constexpr int kWritable = PROT_READ | PROT_WRITE;
constexpr int kEverything = PROT_READ | PROT_WRITE | PROT_EXEC;
constexpr int kOwnMemory = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
constexpr std::uint64_t kNoFile = ~0ull;

Result open_for(Tracee& copy, const char* path, std::size_t size, std::uint64_t flags) {
  return copy.call(
      {SYS_openat, {static_cast<std::uint64_t>(AT_FDCWD), copy.place(path, size), flags}});
}

Result unmap(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_munmap, {span.start, span.length()}});
}

template <int protection>
Result protect(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_mprotect, {span.start, span.length(), protection}});
}

Result protect_as_it_is(Tracee& copy, Span span, const Target& target) {
  return copy.call(
      {SYS_mprotect, {span.start, span.length(), static_cast<std::uint64_t>(target.protection)}});
}

Result protect_without_key(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_pkey_mprotect, {span.start, span.length(), kWritable, ~0ull}});
}

// With a key of its own where the processor has keys, with the one that everything has where not.
Result protect_with_key(Tracee& copy, Span span, const Target&) {
  Result key = copy.call({SYS_pkey_alloc, {0, 0}});
  std::uint64_t number = key && !key->refused() ? static_cast<std::uint64_t>(key->value) : ~0ull;
  return copy.call({SYS_pkey_mprotect, {span.start, span.length(), kWritable, number}});
}

Result fresh_memory(Tracee& copy, std::uint64_t length) {
  return copy.call({SYS_mmap, {0, length, kWritable, kOwnMemory, kNoFile, 0}});
}

Result move_away(Tracee& copy, Span span, const Target&) {
  Result place = fresh_memory(copy, span.length());
  if (!place || place->refused()) return place;
  return copy.call({SYS_mremap,
                    {span.start, span.length(), span.length(), MREMAP_MAYMOVE | MREMAP_FIXED,
                     static_cast<std::uint64_t>(place->value)}});
}

Result move_pages_away(Tracee& copy, Span span, const Target&) {
  return copy.call(
      {SYS_mremap, {span.start, span.length(), span.length(), MREMAP_MAYMOVE | MREMAP_DONTUNMAP}});
}

Result expand(Tracee& copy, Span span, const Target& target) {
  return copy.call(
      {SYS_mremap, {span.start, span.length(), span.length() + target.page, MREMAP_MAYMOVE}});
}

Result shrink(Tracee& copy, Span span, const Target& target) {
  std::uint64_t length = span.end - target.range.start;  // aimed at a part: up to it
  return copy.call({SYS_mremap, {target.range.start, length, length - target.page}});
}

Result move_onto(Tracee& copy, Span span, const Target&) {
  Result memory = fresh_memory(copy, span.length());
  if (!memory || memory->refused()) return memory;
  return copy.call({SYS_mremap,
                    {static_cast<std::uint64_t>(memory->value), span.length(), span.length(),
                     MREMAP_MAYMOVE | MREMAP_FIXED, span.start}});
}

Result map_over(Tracee& copy, Span span, const Target&) {
  return copy.call(
      {SYS_mmap, {span.start, span.length(), kWritable, kOwnMemory | MAP_FIXED, kNoFile, 0}});
}

Result map_file_over(Tracee& copy, Span span, const Target&) {
  constexpr char kProgram[] = "/proc/self/exe";
  Result file = open_for(copy, kProgram, sizeof kProgram, O_RDONLY);
  if (!file || file->refused()) return file;
  return copy.call({SYS_mmap,
                    {span.start, span.length(), PROT_READ, MAP_PRIVATE | MAP_FIXED,
                     static_cast<std::uint64_t>(file->value), 0}});
}

Result map_where_free(Tracee& copy, Span span, const Target&) {
  return copy.call(
      {SYS_mmap,
       {span.start, span.length(), kWritable, kOwnMemory | MAP_FIXED_NOREPLACE, kNoFile, 0}});
}

// The segment ends with its last attachment, whether this attack works or not.
Result attach_shared_memory(Tracee& copy, Span span, const Target&) {
  int segment = shmget(IPC_PRIVATE, span.length(), IPC_CREAT | 0600);
  if (segment < 0) give_up("shmget");
  Result answer =
      copy.call({SYS_shmat, {static_cast<std::uint64_t>(segment), span.start, SHM_REMAP}});
  shmctl(segment, IPC_RMID, nullptr);
  return answer;
}

Result remap_file_pages(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_remap_file_pages, {span.start, span.length(), 0, 0, 0}});
}

// The break moved to [from, to], as a checkpoint's restorer may do.
Result set_break(Tracee& copy, std::uint64_t from, std::uint64_t to, std::uint64_t page) {
  prctl_mm_map map{};
  map.start_code = map.start_data = map.end_data = std::uint64_t{16} * page;
  map.end_code = map.start_code + page;
  map.start_brk = from;
  map.brk = to;
  std::uint64_t stack = copy.place(&map, sizeof map);
  map.start_stack = map.arg_start = map.arg_end = map.env_start = map.env_end = stack;
  map.exe_fd = ~0u;
  return copy.call(
      {SYS_prctl, {PR_SET_MM, PR_SET_MM_MAP, copy.place(&map, sizeof map), sizeof map}});
}

// brk(2) answers with the break there is, never with an error.
Result move_break(Tracee& copy, std::uint64_t to) {
  Result answer = copy.call({SYS_brk, {to}});
  bool moved = answer && static_cast<std::uint64_t>(answer->value) == to;
  return answer && !moved ? Answer{-ENOMEM} : answer;
}

Result grow_break_over(Tracee& copy, Span span, const Target& target) {
  Result set = set_break(copy, span.start, span.start, target.page);
  return !set || set->refused() ? set : move_break(copy, span.end);
}

Result shrink_break_from(Tracee& copy, Span span, const Target& target) {
  Result set = set_break(copy, span.start, span.end, target.page);
  return !set || set->refused() ? set : move_break(copy, span.start);
}

template <int advice>
Result advise(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_madvise, {span.start, span.length(), advice}});
}

Result advise_guard_and_back(Tracee& copy, Span span, const Target& target) {
  Result guarded = advise<kGuardInstall>(copy, span, target);
  return !guarded || guarded->refused() ? guarded : advise<kGuardRemove>(copy, span, target);
}

template <int advice>
Result advise_as_process(Tracee& copy, Span span, const Target&) {
  Result self = copy.call({kSysPidfdOpen, {static_cast<std::uint64_t>(copy.id()), 0}});
  if (!self || self->refused()) return self;
  iovec range{reinterpret_cast<void*>(span.start), span.length()};
  return copy.call(
      {kSysProcessMadvise,
       {static_cast<std::uint64_t>(self->value), copy.place(&range, sizeof range), 1, advice, 0}});
}

Result lock(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_mlock, {span.start, span.length()}});
}

Result unlock(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_munlock, {span.start, span.length()}});
}

Result synchronise(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_msync, {span.start, span.length(), MS_SYNC | MS_INVALIDATE}});
}

Result bind_to_node(Tracee& copy, Span span, const Target&) {
  std::uint64_t first_node = 1;
  return copy.call({SYS_mbind,
                    {span.start, span.length(), MPOL_BIND,
                     copy.place(&first_node, sizeof first_node), 64, MPOL_MF_MOVE}});
}

Result seal_again(Tracee& copy, Span span, const Target&) {
  return copy.call({kSysMseal, {span.start, span.length(), 0}});
}

Result name_memory(Tracee& copy, Span span, const Target&) {
  return copy.call({SYS_prctl,
                    {PR_SET_VMA, PR_SET_VMA_ANON_NAME, span.start, span.length(),
                     copy.place("attacked", sizeof "attacked")}});
}

// System calls that write where they are told to.
Result read_file_into(Tracee& copy, Span span, const Target&) {
  constexpr char kProgram[] = "/proc/self/exe";  // begins with "\x7f" "ELF"
  Result file = open_for(copy, kProgram, sizeof kProgram, O_RDONLY);
  if (!file || file->refused()) return file;
  return copy.call({SYS_read, {static_cast<std::uint64_t>(file->value), span.start, 8}});
}

Result write_as_process(Tracee& copy, Span span, const Target&) {
  constexpr std::size_t kSize = 8;
  struct {
    iovec there, here;
    std::uint64_t bytes;
  } words{{reinterpret_cast<void*>(span.start), kSize}, {}, 0x1234567812345678};
  std::uint64_t place = copy.place(&words, sizeof words);
  words.here = {reinterpret_cast<void*>(place + offsetof(decltype(words), bytes)), kSize};
  copy.place(&words, sizeof words);
  return copy.call({SYS_process_vm_writev,
                    {static_cast<std::uint64_t>(copy.id()), place + offsetof(decltype(words), here),
                     1, place + offsetof(decltype(words), there), 1}});
}

Result write_own_memory_file(Tracee& copy, Span span, const Target& target) {
  constexpr char kMemory[] = "/proc/self/mem";
  Result file = open_for(copy, kMemory, sizeof kMemory, O_RDWR);
  if (!file || file->refused()) return file;
  std::uint64_t different[2] = {0x5a5a5a5a5a5a5a5a, 0x1234567812345678};
  std::uint64_t bytes = copy.place(different, sizeof different);
  return copy.call(
      {SYS_pwrite64,
       {static_cast<std::uint64_t>(file->value), bytes, sizeof different, span.end - target.page}});
}

constexpr Attack kAttacks[] = {
    {"munmap", Reach::kWhole, unmap},
    {"munmap", Reach::kPart, unmap},
    {"munmap", Reach::kSpanning, unmap},
    {"mprotect rw", Reach::kWhole, protect<kWritable>},
    {"mprotect rw", Reach::kPart, protect<kWritable>},
    {"mprotect rw", Reach::kSpanning, protect<kWritable>},
    {"mprotect rwx", Reach::kWhole, protect<kEverything>},
    {"mprotect none", Reach::kWhole, protect<PROT_NONE>},
    {"mprotect as it is", Reach::kWhole, protect_as_it_is},
    {"pkey_mprotect without key", Reach::kWhole, protect_without_key},
    {"pkey_mprotect with key", Reach::kWhole, protect_with_key},
    {"pkey_mprotect with key", Reach::kPart, protect_with_key},
    {"mremap away", Reach::kWhole, move_away},
    {"mremap away", Reach::kPart, move_away},
    {"mremap DONTUNMAP", Reach::kWhole, move_pages_away},
    {"mremap expand", Reach::kWhole, expand},
    {"mremap shrink", Reach::kPart, shrink},
    {"mremap onto", Reach::kWhole, move_onto},
    {"mremap onto", Reach::kPart, move_onto},
    {"mremap onto", Reach::kSpanning, move_onto},
    {"mmap MAP_FIXED", Reach::kWhole, map_over},
    {"mmap MAP_FIXED", Reach::kPart, map_over},
    {"mmap MAP_FIXED", Reach::kSpanning, map_over},
    {"mmap MAP_FIXED of a file", Reach::kWhole, map_file_over},
    {"mmap MAP_FIXED_NOREPLACE", Reach::kWhole, map_where_free},
    {"shmat SHM_REMAP", Reach::kWhole, attach_shared_memory},
    {"shmat SHM_REMAP", Reach::kPart, attach_shared_memory},
    {"remap_file_pages", Reach::kWhole, remap_file_pages},
    {"brk grown over it", Reach::kWhole, grow_break_over},
    {"brk shrunk from it", Reach::kWhole, shrink_break_from},
    {"madvise NORMAL", Reach::kWhole, advise<MADV_NORMAL>},
    {"madvise RANDOM", Reach::kWhole, advise<MADV_RANDOM>},
    {"madvise SEQUENTIAL", Reach::kWhole, advise<MADV_SEQUENTIAL>},
    {"madvise WILLNEED", Reach::kWhole, advise<MADV_WILLNEED>},
    {"madvise DONTNEED", Reach::kWhole, advise<MADV_DONTNEED>},
    {"madvise DONTNEED", Reach::kPart, advise<MADV_DONTNEED>},
    {"madvise DONTNEED", Reach::kSpanning, advise<MADV_DONTNEED>},
    {"madvise FREE", Reach::kWhole, advise<MADV_FREE>},
    {"madvise REMOVE", Reach::kWhole, advise<MADV_REMOVE>},
    {"madvise DONTFORK", Reach::kWhole, advise<MADV_DONTFORK>, true},
    {"madvise DOFORK", Reach::kWhole, advise<MADV_DOFORK>, true},
    {"madvise MERGEABLE", Reach::kWhole, advise<MADV_MERGEABLE>},
    {"madvise UNMERGEABLE", Reach::kWhole, advise<MADV_UNMERGEABLE>},
    {"madvise HUGEPAGE", Reach::kWhole, advise<MADV_HUGEPAGE>},
    {"madvise NOHUGEPAGE", Reach::kWhole, advise<MADV_NOHUGEPAGE>},
    {"madvise DONTDUMP", Reach::kWhole, advise<MADV_DONTDUMP>},
    {"madvise DODUMP", Reach::kWhole, advise<MADV_DODUMP>},
    {"madvise WIPEONFORK", Reach::kWhole, advise<MADV_WIPEONFORK>, true},
    {"madvise KEEPONFORK", Reach::kWhole, advise<MADV_KEEPONFORK>, true},
    {"madvise COLD", Reach::kWhole, advise<MADV_COLD>},
    {"madvise PAGEOUT", Reach::kPart, advise<MADV_PAGEOUT>},
    {"madvise POPULATE_READ", Reach::kWhole, advise<MADV_POPULATE_READ>},
    {"madvise POPULATE_WRITE", Reach::kWhole, advise<MADV_POPULATE_WRITE>},
    {"madvise DONTNEED_LOCKED", Reach::kWhole, advise<MADV_DONTNEED_LOCKED>},
    {"madvise COLLAPSE", Reach::kWhole, advise<kCollapse>},
    {"madvise GUARD_INSTALL", Reach::kWhole, advise<kGuardInstall>},
    {"madvise GUARD_INSTALL", Reach::kPart, advise<kGuardInstall>},
    {"madvise GUARD_REMOVE", Reach::kWhole, advise<kGuardRemove>},
    {"madvise GUARD_INSTALL and REMOVE", Reach::kWhole, advise_guard_and_back},
    {"process_madvise DONTNEED", Reach::kWhole, advise_as_process<MADV_DONTNEED>},
    {"process_madvise GUARD_INSTALL", Reach::kWhole, advise_as_process<kGuardInstall>},
    {"process_madvise PAGEOUT", Reach::kPart, advise_as_process<MADV_PAGEOUT>},
    {"process_madvise COLLAPSE", Reach::kWhole, advise_as_process<kCollapse>},
    {"mlock", Reach::kWhole, lock},
    {"munlock", Reach::kWhole, unlock},
    {"msync MS_INVALIDATE", Reach::kWhole, synchronise},
    {"mbind", Reach::kWhole, bind_to_node},
    {"mseal", Reach::kWhole, seal_again},
    {"PR_SET_VMA_ANON_NAME", Reach::kWhole, name_memory},
    {"read into it", Reach::kWhole, read_file_into},
    {"process_vm_writev", Reach::kWhole, write_as_process},
    {"write to /proc/self/mem", Reach::kWhole, write_own_memory_file},
    {"userfaultfd UFFDIO_COPY", Reach::kWhole, userfault::copy},
    {"userfaultfd UFFDIO_ZEROPAGE", Reach::kWhole, userfault::zero},
    {"userfaultfd UFFDIO_POISON", Reach::kWhole, userfault::poison},
    {"userfaultfd UFFDIO_MOVE onto", Reach::kWhole, userfault::move_onto},
    {"userfaultfd UFFDIO_MOVE away", Reach::kWhole, userfault::move_away},
};

}  // namespace

std::span<const Attack> all_attacks() { return kAttacks; }

const char* name_of(Reach reach) {
  switch (reach) {
    case Reach::kWhole:
      return "whole";
    case Reach::kPart:
      return "part";
    case Reach::kSpanning:
      return "spanning";
  }
  return "";
}

std::optional<Span> aim(Reach reach, const Target& target) {
  if (reach == Reach::kWhole) return target.range;
  if (reach == Reach::kSpanning)
    return Span{target.range.start - target.page, target.range.end + target.page};
  std::uint64_t pages = target.range.length() / target.page;
  if (pages < 2) return std::nullopt;
  std::uint64_t middle = target.range.start + pages / 2 * target.page;
  return Span{middle, middle + target.page};
}

void fill_neighbours(Tracee& copy, const Target& target) {
  for (std::uint64_t neighbour : {target.range.start - target.page, target.range.end})
    copy.call({SYS_mmap,
               {neighbour, target.page, kWritable, kOwnMemory | MAP_FIXED_NOREPLACE, kNoFile, 0}});
}
