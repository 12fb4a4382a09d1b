// The first process of a guest: runs what /cases lists, tells on the console what each case did, turns the machine off.
// A line of /cases is `NAME [without-proc] [VARIABLE=VALUE]... /PROGRAM [ARGUMENT]...`, its words apart by one space.
// All it says is in lines that begin with "guest: "; whatever else is on the console comes from the kernel.
#define _GNU_SOURCE
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { kWordLimit = 64, kLineLimit = 4096, kCaseSeconds = 120 };

struct Case {
  const char* name;
  bool without_proc;
  char* environment[kWordLimit + 1];
  char* words[kWordLimit + 1];
};

// One of a case's two outputs, told line by line.
struct Output {
  const char* name;
  int descriptor;
  size_t length;
  char line[kLineLimit];
};

static void give_up(const char* what) {
  printf("guest: broken: %s: %m\n", what);
  reboot(RB_POWER_OFF);
  _exit(1);
}

static void mount_system(const char* type, const char* place) {
  mkdir(place, 0755);
  if (mount(type, place, type, 0, NULL) != 0) give_up(place);
}

// CRIU tries what TCP can do, on the loopback interface.
static void raise_loopback(void) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0 || ioctl(any, SIOCSIFFLAGS, &loopback) != 0) give_up("lo");
  close(any);
}

// CRIU tries what the kernel can do on a connection to itself.
static void start_loopback(void) {
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int socket_of_any_kind = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl(socket_of_any_kind, SIOCSIFFLAGS, &loopback) != 0) give_up("loopback");
  close(socket_of_any_kind);
}

static struct Case read_case(char* line) {
  struct Case it = {.name = strtok(line, " \n")};
  int variables = 0, words = 0;
  for (char* word; (word = strtok(NULL, " \n")) != NULL;) {
    if (variables == kWordLimit || words == kWordLimit) give_up("a case of too many words");
    if (words == 0 && strcmp(word, "without-proc") == 0)
      it.without_proc = true;
    else if (words == 0 && word[0] != '/')
      it.environment[variables++] = word;
    else
      it.words[words++] = word;
  }
  if (words == 0) give_up("a case without a program");
  return it;
}

static void tell_line(struct Output* output) {
  printf("guest: %s ", output->name);
  for (size_t n = 0; n < output->length; ++n) {
    unsigned char byte = (unsigned char)output->line[n];
    bool plain = byte >= ' ' && byte < 127 && byte != '\\';
    printf(plain ? "%c" : "\\x%02x", byte);
  }
  putchar('\n');
  output->length = 0;
}

// Takes what has come; false at the end of this output.
static bool take(struct Output* output) {
  char bytes[kLineLimit];
  ssize_t count = read(output->descriptor, bytes, sizeof bytes);
  for (ssize_t n = 0; n < count; ++n) {
    if (bytes[n] != '\n') output->line[output->length++] = bytes[n];
    if (bytes[n] == '\n' || output->length == kLineLimit) tell_line(output);
  }
  if (count <= 0 && output->length > 0) tell_line(output);
  return count > 0;
}

static long seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

// Until both outputs have ended; a case that takes too long is killed, which ends them.
static void take_all(struct Output* outputs, pid_t group) {
  struct pollfd waiting[2] = {{outputs[0].descriptor, POLLIN, 0},
                              {outputs[1].descriptor, POLLIN, 0}};
  long deadline = seconds_now() + kCaseSeconds;
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    if (seconds_now() >= deadline) kill(-group, SIGKILL);
    if (poll(waiting, 2, 1000) < 0) give_up("poll");
    for (int n = 0; n < 2; ++n) {
      if (waiting[n].revents != 0 && !take(&outputs[n])) waiting[n].fd = -1;
    }
  }
}

static void become(const struct Case* it, int out, int err) {
  setsid();
  int nothing = open("/dev/null", O_RDONLY);
  if (dup2(nothing, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  execve(it->words[0], it->words, it->environment);
  dprintf(2, "execve %s: %m\n", it->words[0]);
  _exit(126);
}

static void run_case(const struct Case* it) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) give_up("pipe");
  printf("guest: case %s\n", it->name);
  if (it->without_proc && umount("/proc") != 0) give_up("umount /proc");
  pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) become(it, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  static struct Output outputs[2] = {{.name = "out"}, {.name = "err"}};
  outputs[0].descriptor = out[0];
  outputs[1].descriptor = err[0];
  take_all(outputs, child);
  int status = 0;
  waitpid(child, &status, 0);
  kill(-child, SIGKILL);
  close(out[0]);
  close(err[0]);
  if (it->without_proc) mount_system("proc", "/proc");
  if (WIFEXITED(status)) printf("guest: exit %d\n", WEXITSTATUS(status));
  if (WIFSIGNALED(status)) printf("guest: signal %d\n", WTERMSIG(status));
}

static void tell_kernel(void) {
  struct utsname name;
  uname(&name);
  printf("guest: kernel %s %s %lu\n", name.release, name.machine, getauxval(AT_PAGESZ));
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  mount_system("proc", "/proc");
  mount_system("devtmpfs", "/dev");
  raise_loopback();
  start_loopback();
  tell_kernel();
  FILE* cases = fopen("/cases", "re");
  if (cases == NULL) give_up("/cases");
  char line[kLineLimit];
  while (fgets(line, sizeof line, cases) != NULL) {
    struct Case it = read_case(line);
    run_case(&it);
  }
  printf("guest: done\n");
  tcdrain(1);
  reboot(RB_POWER_OFF);
}
