// Opens and closes objects as its arguments say, and looks at what the loader has written about them:
//   open PATH, nodelete PATH, close PATH   dlopen with RTLD_NOW, with RTLD_NODELETE too, and dlclose
//   global PATH                            dlopen with RTLD_GLOBAL; `find PATH` is dlsym of RTLD_DEFAULT for a name in it
//   look PATH                              the protection of the pages with the object's description, whether they are
//                                          sealed, and what the kernel says if they are to become writable
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char* names[16];
static void* handles[16];
static int count;

static void** handle_of(const char* path) {
  for (int n = 0; n < count; ++n)
    if (handles[n] && strcmp(names[n], path) == 0) return &handles[n];
  printf("not open: %s\n", path);
  exit(1);
}

/* Behind the public part of the loader's link_map. */
static uintptr_t description_of(void* handle) { return ((uintptr_t*)handle)[5]; }

static void protection_at(uintptr_t at, char found[5]) {
  char line[8192];
  unsigned long start, end;
  FILE* maps = fopen("/proc/self/maps", "r");
  strcpy(found, "none");
  while (maps && fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= at && at < end)
      sscanf(line, "%*s %4s", found);
  if (maps) fclose(maps);
}

static int is_sealed(uintptr_t at) {
  char line[8192];
  unsigned long start, end;
  int is_here = 0, is = 0;
  FILE* maps = fopen("/proc/self/smaps", "r");
  while (maps && fgets(line, sizeof line, maps)) {
    if (sscanf(line, "%lx-%lx", &start, &end) == 2) is_here = start <= at && at < end;
    if (is_here && strncmp(line, "VmFlags:", 8) == 0) is = strstr(line, " sl") != NULL;
  }
  if (maps) fclose(maps);
  return is;
}

static const char* look(void* handle) {
  static char answer[256];
  char found[5];
  uintptr_t at = description_of(handle);
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  protection_at(at, found);
  int failed = mprotect((void*)(at & ~(page - 1)), page, PROT_READ | PROT_WRITE);
  snprintf(answer, sizeof answer, "%s, %s, %s", found, is_sealed(at) ? "sealed" : "left",
           failed ? strerror(errno) : "can be changed");
  if (!failed) mprotect((void*)(at & ~(page - 1)), page, PROT_READ);
  return answer;
}

/* The resolver of an object that is being opened calls this. */
void look_meanwhile(void) {
  char found[5];
  protection_at(description_of(handles[0]), found);
  printf("meanwhile: %s\n", found);
}

static const char* open_object(const char* path, int flags) {
  void* handle = dlopen(path, RTLD_NOW | flags);
  if (!handle) return dlerror();
  names[count] = path;
  handles[count++] = handle;
  return "opened";
}

static const char* close_object(const char* path) {
  void** handle = handle_of(path);
  if (dlclose(*handle) != 0) return dlerror();
  *handle = NULL;
  return "closed";
}

static const char* obey(const char* word, const char* path) {
  if (strcmp(word, "open") == 0) return open_object(path, 0);
  if (strcmp(word, "nodelete") == 0) return open_object(path, RTLD_NODELETE);
  if (strcmp(word, "global") == 0) return open_object(path, RTLD_GLOBAL);
  if (strcmp(word, "find") == 0) return dlsym(RTLD_DEFAULT, "looked_up") ? "found" : dlerror();
  if (strcmp(word, "close") == 0) return close_object(path);
  return strcmp(word, "look") == 0 ? look(*handle_of(path)) : "unknown word";
}

int main(int words, char** word) {
  for (int n = 1; n + 1 < words; n += 2) {
    const char* slash = strrchr(word[n + 1], '/');
    const char* answer = obey(word[n], word[n + 1]);
    printf("%s %s: %s\n", word[n], slash + 1, answer);
  }
  return 0;
}
