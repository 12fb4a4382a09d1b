// Sends a program through CRIU and tells what became of it: started, dumped, restored, sealed
// again, ended. It judges nothing: whoever reads its lines does. The same on the host and as a case
// of a booted kernel.
//
//     criu_trip FOLDER VICTIM-WORD... -- CRIU-WORD...
//
// VICTIM is criu_victim.c, started by any loader; CRIU-WORDs come before CRIU's own `dump` and
// `restore`. FOLDER is made for the images, the logs and what the victim writes. One fact a line:
//     said TEXT                           the victim's own words
//     sealed WHEN START-END PERMS [NAME]  a mapping with `sl`
//     guarded WHEN START-END              pages of a readable mapping that cannot be read: guards
//     dump STATUS, restore STATUS         what CRIU exited with; if not 0, the trip ends there
//     log TEXT                            an error in the log of a CRIU that failed
//     seccomp MODE                        of the restored program
//     end STATUS                          what the restored program exited with
// WHEN is before, restored or resealed. Exit status: 0 after a whole trip, 1 if CRIU failed, 2 if
// something else did.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kWordLimit = 64, kLineLimit = 4096, kPatience = 3000 };  // hundredths of a second

struct Trip {
  const char* folder;
  char** victim_words;
  char** criu_words;
  pid_t victim;
  FILE* output;  // what the victim writes, from where we have read
};

struct Range {
  unsigned long start, end;
};

static struct Trip plan_trip(int argc, char** argv) {
  struct Trip it = {.folder = argv[1], .victim_words = argv + 2};
  for (int n = 3; n + 1 < argc; n++) {
    if (strcmp(argv[n], "--") != 0) continue;
    argv[n] = NULL;
    it.criu_words = argv + n + 1;
    return it;
  }
  errx(2, "usage: criu_trip FOLDER VICTIM-WORD... -- CRIU-WORD...");
}

static const char* path_in(const struct Trip* it, const char* name) {
  static char path[kLineLimit];
  snprintf(path, sizeof path, "%s/%s", it->folder, name);
  return path;
}

static void start_victim(struct Trip* it) {
  int output = open(path_in(it, "output"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (output < 0 || nothing < 0) err(2, "%s", it->folder);
  it->victim = fork();
  if (it->victim < 0) err(2, "fork");
  if (it->victim == 0) {
    if (dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2)
      execv(it->victim_words[0], it->victim_words);
    err(2, "%s", it->victim_words[0]);
  }
  close(output);
  close(nothing);
  it->output = fopen(path_in(it, "output"), "re");
  if (it->output == NULL) err(2, "%s", it->folder);
}

// The victim's next line, whole.
static void hear(const struct Trip* it) {
  char line[kLineLimit] = "";
  size_t length = 0;
  for (int waited = 0; waited < kPatience; waited++) {
    clearerr(it->output);
    if (fgets(line + length, (int)(sizeof line - length), it->output) != NULL)
      length = strlen(line);
    if (length > 0 && line[length - 1] == '\n') {
      printf("said %s", line);
      return;
    }
    if (kill(it->victim, 0) != 0) break;
    usleep(10000);
  }
  errx(2, "the program said no more than \"%s\"", line);
}

static void ask(const struct Trip* it, int signal_number) {
  if (kill(it->victim, signal_number) != 0) err(2, "kill");
  hear(it);
}

static FILE* open_proc(const struct Trip* it, const char* name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)it->victim, name);
  FILE* file = fopen(path, "re");
  if (file == NULL) err(2, "%s", path);
  return file;
}

static bool can_read(const struct Trip* it, unsigned long address) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void*)address, 1};
  return process_vm_readv(it->victim, &here, 1, &there, 1, 0) == 1;
}

static void tell_guards(const struct Trip* it, const char* when, struct Range range) {
  unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE), first = range.end;
  for (unsigned long at = range.start; at <= range.end; at += page) {
    bool is_guard = at < range.end && !can_read(it, at);
    if (is_guard && first == range.end) first = at;
    if (is_guard || first == range.end) continue;
    printf("guarded %s %lx-%lx\n", when, first, at);
    first = range.end;
  }
}

static void tell_mappings(const struct Trip* it, const char* when) {
  FILE* file = open_proc(it, "smaps");
  struct Range range = {0, 0}, next;
  char line[kLineLimit], permissions[8] = "", name[kLineLimit] = "";
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "%lx-%lx ", &next.start, &next.end) == 2) {
      range = next;
      name[0] = '\0';
      sscanf(line, "%*s %7s %*s %*s %*s %4000[^\n]", permissions, name);
    }
    if (strncmp(line, "VmFlags:", 8) != 0) continue;
    if (strstr(line, " sl") != NULL)
      printf("sealed %s %lx-%lx %s %s\n", when, range.start, range.end, permissions, name);
    if (strstr(line, " gu") != NULL && permissions[0] == 'r') tell_guards(it, when, range);
  }
  fclose(file);
}

static void tell_seccomp(const struct Trip* it) {
  FILE* file = open_proc(it, "status");
  char line[kLineLimit];
  int mode;
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "Seccomp: %d", &mode) == 1) printf("seccomp %d\n", mode);
  }
  fclose(file);
}

static int status_of(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) err(2, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void tell_errors(const struct Trip* it, const char* log) {
  FILE* file = fopen(path_in(it, log), "re");
  char line[kLineLimit];
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    if (strstr(line, "Error") != NULL) printf("log %s", line);
  }
  if (file != NULL) fclose(file);
}

// CRIU with `arguments` after its own words; ends the trip if it fails.
static void run_criu(const struct Trip* it, const char* what, const char* log, char** arguments) {
  char* words[kWordLimit + 1] = {NULL};
  int count = 0;
  for (char** word = it->criu_words; *word != NULL && count < kWordLimit; word++)
    words[count++] = *word;
  for (char** word = arguments; *word != NULL && count < kWordLimit; word++) words[count++] = *word;
  pid_t child = fork();
  if (child < 0) err(2, "fork");
  if (child == 0) {
    execv(words[0], words);
    err(2, "%s", words[0]);
  }
  int status = status_of(child);
  printf("%s %d\n", what, status);
  if (status == 0) return;
  tell_errors(it, log);
  exit(1);
}

static void dump(const struct Trip* it) {
  char number[16];
  snprintf(number, sizeof number, "%d", (int)it->victim);
  run_criu(it, "dump", "dump.log",
           (char*[]){"dump", "--tree", number, "--images-dir", (char*)it->folder, "--log-file",
                     "dump.log", NULL});
  status_of(it->victim);  // CRIU has killed it; its number must be free
}

// As our own child again, so that we learn how it ends.
static void restore(const struct Trip* it) {
  run_criu(it, "restore", "restore.log",
           (char*[]){"restore", "--restore-detached", "--restore-sibling", "--images-dir",
                     (char*)it->folder, "--log-file", "restore.log", NULL});
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct Trip trip = plan_trip(argc, argv);
  if (mkdir(trip.folder, 0700) != 0 && errno != EEXIST) err(2, "%s", trip.folder);
  start_victim(&trip);
  hear(&trip);
  ask(&trip, SIGUSR1);
  tell_mappings(&trip, "before");
  dump(&trip);
  restore(&trip);
  tell_mappings(&trip, "restored");
  tell_seccomp(&trip);
  ask(&trip, SIGUSR1);
  ask(&trip, SIGUSR2);
  tell_mappings(&trip, "resealed");
  ask(&trip, SIGUSR1);
  ask(&trip, SIGTERM);
  printf("end %d\n", status_of(trip.victim));
  return 0;
}
