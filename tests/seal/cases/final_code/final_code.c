// Tries to make memory executable, and to change the first thread's stack: a line for each attempt, with the error or "ok";
// then the flags of the stack's mapping. "in a child": the same after fork(2); "executed": after execve(2).
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul

static void show(const char* where, const char* what, int failed) {
  printf("%s %s: %s\n", where, what, failed ? strerrorname_np(errno) : "ok");
}

static void* down(void* address) { return (void*)((uintptr_t)address & ~(PAGE - 1)); }

static void try_code(const char* where) {
  int both = PROT_READ | PROT_WRITE | PROT_EXEC, flags = MAP_PRIVATE | MAP_ANONYMOUS;
  show(where, "fresh", mmap(NULL, PAGE, both, flags, -1, 0) == MAP_FAILED);
  void* data = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
  show(where, "gained", mprotect(data, PAGE, PROT_READ | PROT_EXEC));
  fflush(stdout);
}

static int grow(int depth) {
  volatile char room[PAGE];
  room[0] = (char)depth;
  return depth == 0 ? 0 : grow(depth - 1) + room[0];
}

static void show_stack(void) {
  char line[512];
  int is_stack = 0;
  FILE* maps = fopen("/proc/self/smaps", "r");
  while (fgets(line, sizeof line, maps)) {
    if (strstr(line, "[stack]")) is_stack = 1;
    if (!is_stack || strncmp(line, "VmFlags:", 8) != 0) continue;
    printf("stack: %s%s\n", strstr(line, " sl") ? "sealed" : "not sealed",
           strstr(line, " gd") ? ", grows" : "");
    is_stack = 0;
  }
  fclose(maps);
}

int main(int count, char** words) {
  char here;
  if (count == 1) {
    try_code("here");
    if (fork() == 0) return try_code("in a child"), 0;
    wait(NULL);
    grow(1000);
    show_stack();
    show("stack", "executable", mprotect(down(&here), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
    char* unused = (char*)down(&here) - 500 * PAGE;  // it has grown beyond
    show("stack", "unmapped", munmap(unused, PAGE));
    fflush(stdout);
    return 0;
  }
  if (count == 2) return execl(words[1], words[1], "executed", "now", NULL);
  try_code("executed");
  return 0;
}
