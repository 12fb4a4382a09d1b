// Attacks itself, each attack in a process of its own, and says what the kernel answered and whether the contents are
// still the same: `RANGE ATTACK ERRNO same|changed|unreadable|unread`. The ranges are the text and the RELRO of
// libtarget.so, the vDSO, and the page below it: found without /proc, which need not be there. On glibc and musl.
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kDontNeedLocked = 24, kGuardInstall = 102 };

struct Range {
  const char* name;
  char* start;
  size_t length;
  bool readable;  // not every page below the vDSO can be read
};

struct Attack {
  const char* name;
  int (*run)(struct Range range);
};

// Shared with the process that attacks.
struct Result {
  int error;
  bool was_read;
  bool same;
};

int call_target(int index);
extern int (*const target_table[])(void);

static size_t page;

static int outcome(const void* address) { return address == MAP_FAILED ? errno : 0; }
static int failed(int returned) { return returned == 0 ? 0 : errno; }

static void* fresh(size_t length) {
  void* memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  return memory;
}

static int unmap(struct Range it) { return failed(munmap(it.start, it.length)); }

static int unmap_page(struct Range it) { return failed(munmap(it.start, page)); }

static int unmap_spanning(struct Range it) {
  return failed(munmap(it.start - page, it.length + 2 * page));
}

static int make_writable(struct Range it) {
  return failed(mprotect(it.start, it.length, PROT_READ | PROT_WRITE));
}

static int make_unreadable(struct Range it) {
  return failed(mprotect(it.start, it.length, PROT_NONE));
}

static int make_all(struct Range it) {
  return failed(mprotect(it.start, page, PROT_READ | PROT_WRITE | PROT_EXEC));
}

static int move(struct Range it) {
  void* place = fresh(it.length);
  return outcome(mremap(it.start, it.length, it.length, MREMAP_MAYMOVE | MREMAP_FIXED, place));
}

static int move_onto(struct Range it) {
  void* other = fresh(it.length);
  return outcome(mremap(other, it.length, it.length, MREMAP_MAYMOVE | MREMAP_FIXED, it.start));
}

static int map_over(struct Range it) {
  return outcome(mmap(it.start, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static int dont_need(struct Range it) {
  return failed(madvise(it.start, it.length, MADV_DONTNEED));
}

static int dont_need_locked(struct Range it) {
  return failed(madvise(it.start, it.length, kDontNeedLocked));
}

static int free_lazily(struct Range it) { return failed(madvise(it.start, it.length, MADV_FREE)); }

static int install_guard(struct Range it) { return failed(madvise(it.start, page, kGuardInstall)); }

static const struct Attack kAttacks[] = {
    {"munmap", unmap},
    {"munmap-page", unmap_page},
    {"munmap-spanning", unmap_spanning},
    {"mprotect-write", make_writable},
    {"mprotect-all", make_all},
    {"mprotect-none", make_unreadable},
    {"mremap-move", move},
    {"mremap-onto", move_onto},
    {"mmap-over", map_over},
    {"madvise-dontneed", dont_need},
    {"madvise-dontneed-locked", dont_need_locked},
    {"madvise-free", free_lazily},
    {"madvise-guard", install_guard},
};

static void attack_here(const struct Attack* attack, struct Range range, struct Result* result) {
  char* before = fresh(range.length);
  if (range.readable) memcpy(before, range.start, range.length);
  result->error = attack->run(range);
  if (!range.readable) return;
  result->same = memcmp(before, range.start, range.length) == 0;
  result->was_read = true;
}

static const char* error_name(int error) {
  static char other[16];
  switch (error) {
    case 0:
      return "0";
    case EPERM:
      return "EPERM";
    case EINVAL:
      return "EINVAL";
    case EACCES:
      return "EACCES";
    case ENOMEM:
      return "ENOMEM";
    case ENOSYS:
      return "ENOSYS";
  }
  snprintf(other, sizeof other, "%d", error);
  return other;
}

static const char* contents(struct Range range, const struct Result* result) {
  if (!range.readable) return "unread";
  if (!result->was_read) return "unreadable";
  return result->same ? "same" : "changed";
}

static void attack_in_child(const struct Attack* attack, struct Range range,
                            struct Result* result) {
  *result = (struct Result){.error = -1};
  pid_t child = fork();
  if (child < 0) abort();
  if (child == 0) {
    attack_here(attack, range, result);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  printf("%s %s %s %s\n", range.name, attack->name, error_name(result->error),
         contents(range, result));
}

static void attack_range(struct Range range, struct Result* result) {
  for (size_t n = 0; n < sizeof kAttacks / sizeof *kAttacks; ++n)
    attack_in_child(&kAttacks[n], range, result);
}

// The last page of RELRO is protected only if it is wholly RELRO.
static void take_relro(struct Range* range, const struct dl_phdr_info* object,
                       const ElfW(Phdr) * segment) {
  uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & -page;
  uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & -page;
  range->start = (char*)start;
  range->length = end - start;
}

static int find_target(struct dl_phdr_info* object, size_t size, void* found) {
  struct Range* ranges = found;
  (void)size;
  if (strstr(object->dlpi_name, "libtarget.so") == NULL) return 0;
  for (int n = 0; n < object->dlpi_phnum; ++n) {
    const ElfW(Phdr)* segment = &object->dlpi_phdr[n];
    if (segment->p_type == PT_GNU_RELRO) take_relro(&ranges[1], object, segment);
  }
  return 1;
}

static int attack_all(struct Result* result) {
  char* text = (char*)((uintptr_t)target_table[0] & -page);
  struct Range ranges[2] = {{"text", text, page, true}, {.name = "relro", .readable = true}};
  dl_iterate_phdr(find_target, ranges);
  if (ranges[1].length == 0 || call_target(1) != 2) return 1;
  attack_range(ranges[0], result);
  attack_range(ranges[1], result);
  char* vdso = (char*)getauxval(AT_SYSINFO_EHDR);
  if (vdso == NULL) return 2;
  attack_range((struct Range){"vdso", vdso, page, true}, result);
  attack_range((struct Range){"vvar", vdso - page, page, false}, result);
  return call_target(0) == 1 ? 0 : 3;
}

int main(void) {
  page = getauxval(AT_PAGESZ);
  setvbuf(stdout, NULL, _IOLBF, 0);  // what is said before a fork is said once
  struct Result* result =
      mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return result == MAP_FAILED ? 64 : attack_all(result);
}
