/* Shows whether overwriting the slots that calls go through (JUMP_SLOT, IRELATIVE) redirects calls:
   of the program, of a library, of libc itself. The first argument says which; the exit status is 0
   if calls still arrive, 42 if they were redirected. */
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { kJumpSlot = R_X86_64_JUMP_SLOT, kIndirect = R_X86_64_IRELATIVE };
#else
enum { kJumpSlot = R_AARCH64_JUMP_SLOT, kIndirect = R_AARCH64_IRELATIVE };
#endif

int library_calls(void);
int library_calls_indirect(void);

struct object {
  const void *inside;
  uintptr_t bias;
  const ElfW(Dyn) *dynamic;
  uintptr_t constant_from, constant_to; /* RELRO */
};

static int find(struct dl_phdr_info *info, size_t size, void *data) {
  struct object *found = data;
  (void)size;
  int is_it = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
    uintptr_t start = info->dlpi_addr + ph->p_vaddr;
    if (ph->p_type == PT_LOAD && (uintptr_t)found->inside - start < ph->p_memsz) is_it = 1;
  }
  for (int i = 0; is_it && i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
    uintptr_t start = info->dlpi_addr + ph->p_vaddr, page = (uintptr_t)sysconf(_SC_PAGESIZE);
    found->bias = info->dlpi_addr;
    if (ph->p_type == PT_DYNAMIC) found->dynamic = (const void *)start;
    if (ph->p_type == PT_GNU_RELRO) {
      found->constant_from = start & -page;
      found->constant_to = (start + ph->p_memsz) & -page;
    }
  }
  return is_it;
}

static long mapped(uintptr_t at) { /* can the word be written? */
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512], permissions[8];
  unsigned long from, to;
  long answer = 0;
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    if (sscanf(line, "%lx-%lx %7s", &from, &to, permissions) == 3 && from <= at && at < to)
      answer = permissions[1] == 'w';
  }
  if (maps != NULL) fclose(maps);
  return answer;
}

/* Pointers, because slots are not to be trusted when they are used. */
static ssize_t (*volatile say)(int, const void *, size_t) = write;
static void (*volatile leave)(int) = _exit;

static void pwned(void) {
  static const char text[] = "PWNED\n";
  (void)!say(1, text, sizeof text - 1);
  leave(42);
}

enum { kMost = 4096 };
static uintptr_t *slots[kMost];
static int count, constant;

static void collect(const void *inside) {
  struct object object = {.inside = inside};
  const ElfW(Rela) *relocations = NULL;
  size_t size = 0;
  if (!dl_iterate_phdr(find, &object)) abort();
  for (const ElfW(Dyn) *dyn = object.dynamic; dyn->d_tag != DT_NULL; ++dyn) {
    uintptr_t value = dyn->d_un.d_ptr;
    if (dyn->d_tag == DT_JMPREL)
      relocations = (const void *)(value < object.bias ? value + object.bias : value);
    if (dyn->d_tag == DT_PLTRELSZ) size = dyn->d_un.d_val;
  }
  for (size_t i = 0; i < size / sizeof *relocations; ++i) {
    uint32_t type = ELF64_R_TYPE(relocations[i].r_info);
    uintptr_t slot = relocations[i].r_offset + object.bias;
    if (type != kJumpSlot && type != kIndirect) continue;
    if (count == kMost) abort();
    if (mapped(slot)) slots[count++] = (uintptr_t *)slot;
    else ++constant;
  }
}

/* Nothing of libc may be called between the writes and the call that is attacked. */
static void overwrite(void) {
  for (int i = 0; i < count; ++i) *slots[i] = (uintptr_t)pwned;
}

int main(int argc, char **argv) {
  const char *which = argc > 1 ? argv[1] : "";
  int answer = 0;
  if (strcmp(which, "program") == 0) collect((const void *)main);
  if (strcmp(which, "library") == 0) collect((const void *)library_calls);
  if (strcmp(which, "libc") == 0) collect((const void *)puts);
  printf("writable %d constant %d\n", count, constant);
  fflush(stdout);
  int (*volatile from_library)(void) = library_calls;
  int (*volatile from_indirect)(void) = library_calls_indirect;
  int (*volatile from_libc)(const char *) = puts; /* calls strlen, where a resolver chooses that */
  char *(*volatile copies)(const char *) = strdup; /* calls malloc */
  overwrite();
  if (strcmp(which, "program") == 0) {
    answer = getppid() > 0;
  } else if (strcmp(which, "library") == 0) {
    answer = from_library() > 0 && from_indirect() == 7;
  } else {
    answer = from_libc("held") >= 0 && copies("held") != NULL;
  }
  leave(answer ? 0 : 1);
}
