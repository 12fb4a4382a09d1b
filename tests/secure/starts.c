/* Starts programs as a caller who means harm may: as nobody, with whatever exec(2) takes over from the caller.
       starts [WORD...] -- PROGRAM...
   A word is NAME or NAME=VALUE; the words are done in their order, in the child, before it executes PROGRAM
   (caller.c). Of some it is good to know here:
       environments=FILE    every program is started with each of these: a 32-bit count, so many texts, and so on
       argument=TEXT        one more argument; the first is the program's path unless argv0=TEXT or no-arguments
   For each start standard output gets a line of numbers (program, environment, status, three lengths) and what came
   on the child's descriptors 9, 1 and 2. A status below zero is a signal, -1000: it did not end in time. */
#define _GNU_SOURCE
#include "starts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kReport = 9, kOutputs = 3, kSeconds = 20, kTimedOut = -1000 };

struct output {
  char *text;
  size_t length, room;
};

static struct output outputs[kOutputs];
static char *one_empty[] = {NULL};
static char **default_environments[] = {one_empty, NULL};

void give_up(const char *what) {
  fprintf(stderr, "starts: %s: %s\n", what, strerror(errno));
  _exit(126);
}

static void *checked(void *memory) {
  if (memory == NULL) give_up("memory");
  return memory;
}

static char *whole_file(const char *path, size_t *length) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) give_up(path);
  *length = (size_t)status.st_size;
  char *text = checked(malloc(*length + 1));
  if (read(file, text, *length) != (ssize_t)*length) give_up(path);
  close(file);
  return text;
}

static char ***read_environments(const char *path) {
  size_t length, count = 0;
  char *text = whole_file(path, &length), *end = text + length;
  char ***found = NULL;
  while (text < end) {
    uint32_t entries;
    memcpy(&entries, text, sizeof entries);
    text += sizeof entries;
    char **environment = checked(calloc(entries + 1, sizeof *environment));
    for (uint32_t i = 0; i < entries; ++i, text += strlen(text) + 1) environment[i] = text;
    found = checked(realloc(found, (count + 2) * sizeof *found));
    found[count++] = environment;
  }
  found[count] = NULL;
  return found;
}

static void take(struct output *output, int *from) {
  if (output->room - output->length < (1 << 16)) {
    output->room = output->room * 2 + (1 << 17);
    output->text = checked(realloc(output->text, output->room));
  }
  ssize_t got = read(*from, output->text + output->length, 1 << 16);
  if (got > 0) {
    output->length += (size_t)got;
  } else {
    close(*from);
    *from = -1;
  }
}

/* Reads until all ends are closed; whether that was in time. */
static int collect(int ends[kOutputs]) {
  struct pollfd waiting[kOutputs];
  for (int open_ends = kOutputs; open_ends > 0;) {
    for (int i = 0; i < kOutputs; ++i) waiting[i] = (struct pollfd){ends[i], POLLIN, 0};
    if (poll(waiting, kOutputs, kSeconds * 1000) <= 0) return 0;
    for (int i = 0; i < kOutputs; ++i) {
      if (waiting[i].revents == 0) continue;
      take(&outputs[i], &ends[i]);
      if (ends[i] < 0) --open_ends;
    }
  }
  return 1;
}

static int wait_for(pid_t child) {
  int status;
  if (waitpid(child, &status, 0) != child) give_up("waitpid");
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static _Noreturn void become_the_program(struct start *start, int writing[kOutputs]) {
  static const int wanted[kOutputs] = {kReport, 1, 2};
  for (int i = 0; i < kOutputs; ++i)
    if (dup2(writing[i], wanted[i]) < 0) give_up("dup2");
  close(0);
  if (open("/dev/zero", O_RDONLY) != 0) give_up("/dev/zero");
  execute_as_told(start);
}

static int run(struct start *start) {
  int reading[kOutputs], writing[kOutputs];
  for (int i = 0; i < kOutputs; ++i) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) give_up("pipe");
    reading[i] = fcntl(ends[0], F_DUPFD_CLOEXEC, 20);
    writing[i] = fcntl(ends[1], F_DUPFD_CLOEXEC, 20);
    close(ends[0]), close(ends[1]);
    outputs[i].length = 0;
  }
  pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) {
    setsid();
    become_the_program(start, writing);
  }
  for (int i = 0; i < kOutputs; ++i) close(writing[i]);
  int in_time = collect(reading);
  if (!in_time) kill(-child, SIGKILL);
  int status = wait_for(child);
  kill(-child, SIGKILL); /* whatever it has left behind in its session */
  for (int i = 0; i < kOutputs; ++i)
    if (reading[i] >= 0) close(reading[i]);
  return in_time ? status : kTimedOut;
}

static void tell(int program, int environment, int status) {
  printf("%d %d %d", program, environment, status);
  for (int i = 0; i < kOutputs; ++i) printf(" %zu", outputs[i].length);
  putchar('\n');
  for (int i = 0; i < kOutputs; ++i) fwrite(outputs[i].text, 1, outputs[i].length, stdout);
}

int main(int argc, char **argv) {
  struct start start = {.words = argv + 1, .environment = one_empty};
  char ***environments = default_environments;
  int programs = 1;
  while (programs < argc && strcmp(argv[programs], "--") != 0) {
    if (strncmp(argv[programs], "environments=", 13) == 0) environments = read_environments(argv[programs] + 13);
    ++programs;
  }
  start.word_count = programs - 1;
  if (programs == argc) return errno = EINVAL, give_up("no program"), 1;
  for (int number = 0; environments[number] != NULL; ++number) {
    for (int program = programs + 1; program < argc; ++program) {
      start.program = argv[program];
      start.environment = environments[number];
      int status = run(&start);
      tell(program - programs - 1, number, status);
    }
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
