"""Forks and signals in the middle of opens and closes."""

from .concurrency import COUNTER, GUESTS, together, together_with_cplusplus

_FORKS = """
#include <sys/wait.h>
static int (*next)(void);
static int child(void);
static void *work(void *unused) {
  for (int round = 0; round < kRounds / 10; ++round) {
    int status = -1;
    pid_t process = fork();
    if (process == 0) {
      alarm(10);
      _exit(child());
    }
    waitpid(process, &status, 0);
    if (status) say_number("child's status", status);
    expect(status == 0);
  }
  return unused;
}
int main(void) {
  next = (int (*)(void))found(opened("libcounter.so", RTLD_NOW), "next");
  pthread_t guests = in_background(come_and_go);
  together(2, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
"""
_FORKS_AND_STORAGE = together_with_cplusplus(
    "a child forked while objects come and go uses TLS and exceptions", _FORKS + """
static int child(void) {
  try { throw next(); } catch (int number) { return number != 51; }
}
""", COUNTER, *GUESTS, newer_libcs=True)

# glibc's own loader leaves its lock as it was in the thread that is not there any more; the child hangs.
_FORKS_AND_OPENS = together(
    "a child forked while objects come and go opens, looks up and walks", _FORKS + """
static int seen(struct dl_phdr_info *information, size_t size, void *count) {
  (void)size;
  *(int *)count += strstr(information->dlpi_name, "libcounter.so") != 0;
  return 0;
}
static int child(void) {
  int count = 0;
  dl_iterate_phdr(seen, &count);
  if (count != 1) return 2;
  if (dlsym(RTLD_DEFAULT, "strlen") == 0) return 3;
  if (answer(opened("libguest3.so", RTLD_NOW), "guest") != 301) return 4;
  return 0;
}
""", COUNTER, *GUESTS, libcs=("glibc",), shows=(), known="wrong: 0\n")

_FORK_ALONE = together(
    "a child forked from the only thread opens and closes as its parent did", """
#include <sys/wait.h>
int main(void) {
  int status = -1;
  void *handle = opened("libguest1.so", RTLD_NOW);
  pid_t process = fork();
  if (process == 0) {
    closed(handle);
    say_number("in the child", answer(opened("libguest2.so", RTLD_NOW), "guest"));
    _exit(is_mapped("libguest1.so"));
  }
  waitpid(process, &status, 0);
  say_number("child's status", status);
  say_number("in the parent", answer(handle, "guest"));
  say_number("wrong", wrong);
  return 0;
}
""", *GUESTS, libcs=("glibc",), shows=("in the child: 201", "child's status: 0", "in the parent: 101"))

# As a sanitizer's run-time does, which begins its own thread again.
_HANDLERS = together(
    "fork handlers that were registered first make threads and open objects", """
#include <sys/wait.h>
static void *answer_of_guest(void *unused) {
  void *handle = opened("libguest1.so", RTLD_NOW);
  expect(answer(handle, "guest") == 101);
  closed(handle);
  return unused;
}
static void begin_again(void) { joined(started(answer_of_guest, 0)); }
static void prepare(void) { say_text("handler", "before"); begin_again(); }
static void parent(void) { say_text("handler", "parent"); begin_again(); }
static void child(void) { alarm(10); begin_again(); }
__attribute__((constructor)) static void first(void) { pthread_atfork(prepare, parent, child); }
int main(void) {
  int status = -1;
  alarm(10);
  begin_again();
  pid_t process = fork();
  if (process == 0) _exit(wrong);
  waitpid(process, &status, 0);
  say_number("child's status", status);
  say_number("wrong", wrong);
  return 0;
}
""", *GUESTS, shows=("handler: before", "handler: parent", "child's status: 0"))

_SIGNALS = together(
    "a signal handler uses TLS that its thread has, while that thread opens and closes", """
#include <signal.h>
static int (*next)(void);
static pthread_t target;
static volatile int handled;
static void handle(int number) { (void)number; expect(next() == 51 + ++handled); }
static void *send(void *unused) {
  while (!atomic_load(&stop)) { pthread_kill(target, SIGUSR1); usleep(200); }
  return unused;
}
int main(void) {
  next = (int (*)(void))found(opened("libcounter.so", RTLD_NOW), "next");
  expect(next() == 51);
  signal(SIGUSR1, handle);
  target = pthread_self();
  pthread_t sender = in_background(send);
  for (int round = 0; round < kRounds || handled < 20; ++round) {
    void *guest = opened("libguest1.so", RTLD_NOW);
    expect(answer(guest, "guest") == 101);
    closed(guest);
  }
  until_now(sender);
  say_number("wrong", wrong);
  return 0;
}
""", COUNTER, *GUESTS)

_FIND_IN_HANDLER = together(
    "_dl_find_object answers in a signal handler while its thread opens and closes", """
#include <signal.h>
static void *function, *map;
static pthread_t target;
static volatile int handled;
static void handle(int number) {
  struct dl_find_object result;
  (void)number;
  expect(_dl_find_object(function, &result) == 0 && result.dlfo_link_map == map && result.dlfo_eh_frame);
  expect(_dl_find_object(&result, &result) == -1);
  ++handled;
}
static void *send(void *unused) {
  while (!atomic_load(&stop)) { pthread_kill(target, SIGUSR1); usleep(200); }
  return unused;
}
int main(void) {
  map = opened("libcounter.so", RTLD_NOW);
  function = found(map, "next");
  signal(SIGUSR1, handle);
  target = pthread_self();
  pthread_t sender = in_background(send);
  for (int round = 0; round < kRounds || handled < 20; ++round) closed(opened("libguest1.so", RTLD_NOW));
  until_now(sender);
  say_number("wrong", wrong);
  return 0;
}
""", COUNTER, *GUESTS, libcs=("glibc",), newer_libcs=True)

RECIPES = [_FORKS_AND_STORAGE, _FORKS_AND_OPENS, _FORK_ALONE, _HANDLERS, _SIGNALS, _FIND_IN_HANDLER]
