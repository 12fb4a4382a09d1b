// hello that makes the kernel's calls of a sealed start itself, under libc's own loader and without looking at
// anything: a second copy of libc's rtld (argument 1; on musl that is libc) is mapped, RELRO becomes anonymous, the
// first page of each text that has stubs is replaced, all is sealed. What it takes beyond hello is the least that a
// sealed start of this design takes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kPage = 4096, kMseal = 462, kObjects = 4, kVvarProbes = 3, kLargestHeaders = 1024 };
// The program and its libraries, in that order: how many have RELRO that somebody else than ld-seal has mapped from a
// file, and how many, with libc's rtld, have stubs. ld-seal maps musl's libc itself, and it has no stubs.
#ifdef __GLIBC__
enum { kFileRelro = 2, kStubs = 3 };
#else
enum { kFileRelro = 1, kStubs = 1 };
#endif
enum { kPrivate = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };

struct object {
  char *start, *end, *relro, *relro_end, *text;
};

static struct object objects[kObjects];
static int object_count;
static char records[4 * kPage] __attribute__((aligned(4096)));
static char copies[16][kPage] __attribute__((aligned(4096)));

static char* down(uintptr_t address) { return (char*)(address & -(uintptr_t)kPage); }

static int note(struct dl_phdr_info* info, size_t size, void* program_headers) {
  (void)size, (void)program_headers;
  if (object_count == kObjects || info->dlpi_phnum < 5) return 0;  // the vDSO has fewer
  struct object* o = &objects[object_count++];
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* h = &info->dlpi_phdr[i];
    uintptr_t at = info->dlpi_addr + h->p_vaddr;
    if (h->p_type == PT_LOAD && o->start == NULL) o->start = down(at);
    if (h->p_type == PT_LOAD && !(h->p_flags & PF_W)) o->end = down(at + h->p_memsz + kPage - 1);
    if (h->p_type == PT_LOAD && (h->p_flags & PF_X) && o->text == NULL) o->text = down(at);
    if (h->p_type != PT_GNU_RELRO) continue;
    o->relro = down(at);
    o->relro_end = down(at + h->p_memsz);
  }
  return 0;
}

// As a loader maps libc's rtld, its data read into anonymous memory.
static struct object map_rtld(const char* path) {
  struct object o = {0};
  union {
    ElfW(Ehdr) header;
    char bytes[kLargestHeaders];
  } file;
  struct stat status;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fstat(fd, &status) != 0 || pread(fd, &file, sizeof(file), 0) <= 0) return o;
  const ElfW(Phdr)* headers = (const ElfW(Phdr)*)(file.bytes + file.header.e_phoff);
  uintptr_t end = 0;
  for (int i = 0; i < file.header.e_phnum; ++i)
    if (headers[i].p_type == PT_LOAD) end = headers[i].p_vaddr + headers[i].p_memsz;
  o.start = mmap(NULL, end, PROT_READ, MAP_PRIVATE, fd, 0);
  for (int i = 0; i < file.header.e_phnum; ++i) {
    const ElfW(Phdr)* h = &headers[i];
    char* at = o.start + (uintptr_t)down(h->p_vaddr);
    size_t size = o.start + h->p_vaddr + h->p_memsz - at;
    if (h->p_type != PT_LOAD) continue;
    if (h->p_flags & PF_X) {
      o.text = mmap(at, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
                    (off_t)(uintptr_t)down(h->p_offset));
    } else if (h->p_flags & PF_W) {
      mmap(at, size, PROT_READ | PROT_WRITE, kPrivate, -1, 0);
      (void)!pread(fd, o.start + h->p_vaddr, h->p_filesz, (off_t)h->p_offset);
      o.end = at;
    }
  }
  close(fd);
  return o;
}

static void make_relro_anonymous(const struct object* o) {
  size_t size = (size_t)(o->relro_end - o->relro);
  if (o->relro == NULL || size == 0 || size > sizeof(copies)) return;
  memcpy(copies, o->relro, size);
  mmap(o->relro, size, PROT_READ | PROT_WRITE, kPrivate, -1, 0);
  memcpy(o->relro, copies, size);
  mprotect(o->relro, size, PROT_READ);
}

static void replace_first_pages_of_text(const struct object* list, int count) {
  for (int i = 0; i < count; ++i) memcpy(copies[i], list[i].text, kPage);
  mprotect(copies, (size_t)count * kPage, PROT_READ | PROT_EXEC);
  for (int i = 0; i < count; ++i)
    mremap(copies[i], kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, list[i].text);
}

int main(int count, char** arguments) {
  dl_iterate_phdr(note, NULL);
  prctl(0x4c445345, -1, 0, 0, 0);
  prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
  struct object rtld = map_rtld(arguments[count - 1]);
  struct object all[] = {objects[0], objects[1], rtld};
  for (int i = 0; i < kFileRelro; ++i) make_relro_anonymous(&all[i]);
  replace_first_pages_of_text(all, rtld.text == NULL && kStubs == 3 ? 2 : kStubs);
  for (int i = 0; i < kVvarProbes; ++i) madvise(arguments, 0, MADV_DODUMP);
  records[0] = 1;
  mprotect(records, sizeof(records), PROT_READ);
  for (int i = 0; i < 3; ++i) syscall(kMseal, all[i].start, all[i].end - all[i].start, 0);
  syscall(kMseal, records, sizeof(records), 0);
  puts("hello");
  return 0;
}
