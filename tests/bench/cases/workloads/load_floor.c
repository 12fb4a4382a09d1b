// Loads libraries as ld-seal must, by the kernel's calls alone: each is opened, read and mapped, its data are copied into
// anonymous memory, RELRO becomes read-only, and what no longer changes is sealed. Then it reads one byte of each page
// that no loader can leave unread. It looks for nothing and links nothing. Argument 1 is a file with a line for each
// library: its path, and the pages to read, counted from the start of the library in memory.
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kPage = 4096, kMseal = 462, kLargestHeaders = 1024, kFewPages = 16 };

struct library {
  int fd;
  char* start;
  union {
    Elf64_Ehdr header;
    char bytes[kLargestHeaders];
  } file;
};

static char *unsealed, *unsealed_end;  // neighbours are sealed by one call

static uintptr_t down(uintptr_t address) { return address & -(uintptr_t)kPage; }
static uintptr_t up(uintptr_t address) { return down(address + kPage - 1); }

static const Elf64_Phdr* find_header(const struct library* o, uint32_t type) {
  const Elf64_Phdr* headers = (const Elf64_Phdr*)(o->file.bytes + o->file.header.e_phoff);
  for (int i = 0; i < o->file.header.e_phnum; ++i)
    if (headers[i].p_type == type) return &headers[i];
  return NULL;
}

static void seal_now(void) {
  if (unsealed != NULL) syscall(kMseal, unsealed, unsealed_end - unsealed, 0);
  unsealed = unsealed_end = NULL;
}

static void seal(char* start, char* end) {
  if (unsealed == end) {
    unsealed = start;
    return;
  }
  seal_now();
  unsealed = start;
  unsealed_end = end;
}

static void map_data(const struct library* o, const Elf64_Phdr* h, const Elf64_Phdr* relro) {
  char* at = o->start + down(h->p_vaddr);
  char *file_end = o->start + h->p_vaddr + h->p_filesz,
       *end = (char*)up((uintptr_t)o->start + h->p_vaddr + h->p_memsz);
  off_t offset = (off_t)down(h->p_offset);
  char* copied = (char*)up((uintptr_t)file_end);
  if ((copied - at) / kPage > kFewPages)
    copied = relro == NULL ? at : o->start + down(relro->p_vaddr + relro->p_memsz);
  if (copied > file_end) copied = end;
  if (copied > at) {
    mmap(at, (size_t)(copied - at), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
         -1, 0);
    (void)!pread(o->fd, at, (size_t)((copied < file_end ? copied : file_end) - at), offset);
  }
  if (copied == end) return;
  char* file_pages = (char*)up((uintptr_t)file_end);
  mmap(copied, (size_t)(file_pages - copied), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
       o->fd, offset + (copied - at));
  if (end > file_pages)
    mmap(file_pages, (size_t)(end - file_pages), PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void map_segments(struct library* o) {
  const Elf64_Phdr* headers = (const Elf64_Phdr*)(o->file.bytes + o->file.header.e_phoff);
  const Elf64_Phdr* relro = find_header(o, PT_GNU_RELRO);
  uintptr_t end = 0;
  for (int i = 0; i < o->file.header.e_phnum; ++i)
    if (headers[i].p_type == PT_LOAD) end = up(headers[i].p_vaddr + headers[i].p_memsz);
  o->start = mmap(NULL, end, PROT_READ, MAP_PRIVATE, o->fd, 0);
  char* constant_end = o->start;
  for (int i = 0; i < o->file.header.e_phnum; ++i) {
    const Elf64_Phdr* h = &headers[i];
    if (h->p_type != PT_LOAD) continue;
    char* at = o->start + down(h->p_vaddr);
    size_t size = (size_t)(o->start + h->p_vaddr + h->p_memsz - at);
    if (h->p_flags & PF_W) {
      map_data(o, h, relro);
    } else if ((h->p_flags & PF_X) || h->p_vaddr - h->p_offset != headers[0].p_vaddr) {
      int protection = PROT_READ | (h->p_flags & PF_X ? PROT_EXEC : 0);
      mmap(at, size, protection, MAP_PRIVATE | MAP_FIXED, o->fd, (off_t)down(h->p_offset));
    }
    if (!(h->p_flags & PF_W)) constant_end = (char*)up((uintptr_t)at + size);
  }
  if (relro != NULL) {
    char *from = o->start + down(relro->p_vaddr),
         *to = o->start + down(relro->p_vaddr + relro->p_memsz);
    mprotect(from, (size_t)(to - from), PROT_READ);
    if (from == constant_end) constant_end = to;
  }
  seal(o->start, constant_end);
}

static void load(char* line) {
  static volatile char seen;
  struct library o;
  struct stat status;
  char* rest = NULL;
  const char* path = strtok_r(line, " \n", &rest);
  o.fd = open(path, O_RDONLY | O_CLOEXEC);
  if (o.fd < 0 || fstat(o.fd, &status) != 0 || pread(o.fd, &o.file, sizeof o.file, 0) <= 0) {
    perror(path);
    exit(1);
  }
  map_segments(&o);
  close(o.fd);
  for (const char* page; (page = strtok_r(NULL, " \n", &rest)) != NULL;)
    seen = o.start[strtoul(page, NULL, 10) * kPage];
}

int main(int count, char** arguments) {
  FILE* list = count == 2 ? fopen(arguments[1], "re") : NULL;
  if (list == NULL) return 2;
  char* line = NULL;
  size_t size = 0;
  while (getline(&line, &size, list) > 0) load(line);
  seal_now();
  return 0;
}
