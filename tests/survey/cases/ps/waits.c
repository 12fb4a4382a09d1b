// Gets into a state that `sealctl ps` is to describe, says "ready" and waits for the end of its standard input:
//   waits [threads N] [open LIBRARY] [code] [read FILE] [fork N]
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static pthread_barrier_t all_run;

static void* run(void* nothing) {
  pthread_barrier_wait(&all_run);
  pause();
  return nothing;
}

static void start_threads(unsigned count) {
  pthread_barrier_init(&all_run, NULL, count + 1);
  for (unsigned i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) != 0) exit(2);
  }
  pthread_barrier_wait(&all_run);
}

static void make_code(void) {
  const size_t size = 64 << 10;
  void* code = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code == MAP_FAILED) exit(2);
}

static void read_file(const char* name) {
  int file = open(name, O_RDONLY);
  if (mmap(NULL, 64 << 10, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED) exit(2);
}

// The children end with this process, or at the end of the input.
static void start_children(unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    pid_t child = fork();
    if (child < 0) exit(2);
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() == 1) _exit(0);
      while (1) pause();
    }
  }
}

int main(int count, char** words) {
  char byte;
  for (int i = 1; i < count; ++i) {
    const char *word = words[i], *value = i + 1 < count ? words[i + 1] : "";
    if (strcmp(word, "threads") == 0) start_threads((unsigned)atoi(value)), ++i;
    if (strcmp(word, "fork") == 0) start_children((unsigned)atoi(value)), ++i;
    if (strcmp(word, "open") == 0 && (++i, dlopen(value, RTLD_NOW) == NULL)) return 2;
    if (strcmp(word, "code") == 0) make_code();
    if (strcmp(word, "read") == 0) read_file(value), ++i;
  }
  puts("ready");
  fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  return 0;
}
