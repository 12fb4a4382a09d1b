/* Maps one range of each kind, two neighbours to each, and seals it by mseal itself: shows what the kernel's sealing
   is worth, without any loader. Prints a line "KIND START END" for each. With -DUNSEALED it seals nothing.
     reference FILE    FILE: at least four pages, of which it maps some */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kPages = 4, kMseal = 462 };

static char *page_before(size_t page, int protection) {
  char *space = mmap(NULL, (kPages + 2) * page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED) perror("mmap"), exit(1);
  return space + page;
}

static void seal(const char *kind, char *start, size_t length) {
#ifndef UNSEALED
  if (syscall(kMseal, start, length, 0) != 0) perror("mseal"), exit(1);
#endif
  printf("%s %lx %lx\n", kind, (unsigned long)start, (unsigned long)(start + length));
}

static char *map_file(const char *path, size_t page, int protection) {
  int file = open(path, O_RDONLY);
  char *start = page_before(page, PROT_READ | PROT_WRITE);
  if (file < 0 || mmap(start, kPages * page, protection, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED)
    perror(path), exit(1);
  close(file);
  return start;
}

/* As RELRO is under a loader that leaves it in the file's mapping: written to, then read-only. */
static char *relocated_file(const char *path, size_t page) {
  char *start = map_file(path, page, PROT_READ | PROT_WRITE);
  for (int i = 0; i < kPages; ++i) start[i * page] ^= 0x55;
  mprotect(start, kPages * page, PROT_READ);
  return start;
}

static char *filled_memory(size_t page, int protection) {
  char *start = page_before(page, PROT_READ | PROT_WRITE);
  for (size_t i = 0; i < kPages * page; ++i) start[i] = (char)(i * 7 + i / 256);
  mprotect(start, kPages * page, protection);
  return start;
}

/* Its second page was never touched. */
static char *memory_with_a_missing_page(size_t page) {
  char *start = page_before(page, PROT_READ | PROT_WRITE);
  for (int i = 0; i < kPages; ++i)
    if (i != 1) start[i * page] = 1;
  mprotect(start, kPages * page, PROT_READ);
  return start;
}

/* All of it was read, and none written to: the process has the pages, and a fork of it begins without. */
static char *memory_that_was_only_read(size_t page) {
  char *start = page_before(page, PROT_READ);
  for (int i = 0; i < kPages; ++i) (void)*(volatile char *)(start + i * page);
  return start;
}

static void seal_system_mappings(void) {
  char line[512], name[64];
  unsigned long start, end;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %63s", &start, &end, name) == 3 &&
        (strncmp(name, "[vvar", 5) == 0 || strcmp(name, "[vdso]") == 0))
      seal(name, (char *)start, end - start);
  if (maps) fclose(maps);
}

int main(int count, char **words) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (count != 2) return 2;
  seal("file", map_file(words[1], page, PROT_READ | PROT_EXEC), kPages * page);
  seal("changed-file", relocated_file(words[1], page), kPages * page);
  seal("anonymous", filled_memory(page, PROT_READ), kPages * page);
  seal("missing-page", memory_with_a_missing_page(page), kPages * page);
  seal("only-read", memory_that_was_only_read(page), kPages * page);
  seal("writable", filled_memory(page, PROT_READ | PROT_WRITE), kPages * page);
  seal_system_mappings();
  return 0;
}
