"""What libc does for programs, and needs its own start-up for: stdio, locale, threads, signals, fork, names."""

from workshop.recipe import Library, Recipe

_WITH_LIBC = ("musl", "glibc")


def _service(name, program, **choices):
    """One program that uses libc; no library of its own."""
    return Recipe(name, program, **{"libcs": _WITH_LIBC, **choices})


_STDIO = _service("buffered output is written at exit", """
#include <stdio.h>
int main(void) {
  printf("%d %s %.3f %Lg %x", 42, "text", 1.5, 2.25L, 255u);
  fputs(" and no end of the line", stdout);
  return 0;
}
""", shows=("42 text 1.500 2.25 ff and no end of the line",))

_STDIN = _service("standard input is read by lines", """
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char *line = 0;
  size_t size = 0;
  long number;
  while (getline(&line, &size, stdin) > 0) printf("line %s", line);
  sscanf("17 rest", "%ld", &number);
  printf("number %ld\\n", number);
  free(line);
  return 0;
}
""", stdin="one\ntwo\n", shows=("line one", "line two", "number 17"))

_LOCALE = _service("the UTF-8 locale is set and converts", """
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
int main(void) {
  wchar_t wide[20];
  printf("set: %s\\n", setlocale(LC_ALL, "C.UTF-8") ? "yes" : "NO");
  printf("characters: %zu\\n", mbstowcs(wide, "gr\\xc3\\xbc\\xc3\\x9f", 20));
  printf("last: %d\\n", (int)wide[3]);
  printf("point: %s\\n", localeconv()->decimal_point);
  return 0;
}
""", shows=("set: yes", "characters: 4", "last: 223"))

_QSORT = _service("libc calls back into the program", """
#include <stdio.h>
#include <stdlib.h>
static int compare(const void *one, const void *other) { return *(const int *)one - *(const int *)other; }
int main(void) {
  int numbers[] = {5, 3, 9, 1, 7}, wanted = 7;
  qsort(numbers, 5, sizeof *numbers, compare);
  for (int n = 0; n < 5; ++n) printf("%d ", numbers[n]);
  int *found = bsearch(&wanted, numbers, 5, sizeof *numbers, compare);
  printf("found at %td\\n", found - numbers);
  return 0;
}
""", shows=("1 3 5 7 9 found at 3",))

_SETJMP = Recipe("longjmp from a library returns to the program's setjmp", """
#include <setjmp.h>
#include "observe.h"
void jump(jmp_buf *back, int value);
int main(void) {
  jmp_buf back;
  volatile int kept = 4;
  int value = setjmp(back);
  say_number("value", value);
  say_number("kept", kept);
  if (value < 3) { ++kept; jump(&back, value + 1); }
  return 0;
}
""", (Library("jumps", "#include <setjmp.h>\nvoid jump(jmp_buf *back, int value) { longjmp(*back, value); }\n"),),
    libcs=_WITH_LIBC, shows=("value: 3", "kept: 7"))

_THREADS = _service("threads take turns with a mutex and a condition", """
#include <pthread.h>
#include <stdio.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, total;
static void *work(void *which) {
  for (int n = 0; n < 50; ++n) {
    pthread_mutex_lock(&lock);
    while (turn != (int)(long)which) pthread_cond_wait(&changed, &lock);
    total = total * 3 % 10007 + (int)(long)which;
    turn = (turn + 1) % 4;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  return which;
}
int main(void) {
  pthread_t threads[4];
  long sum = 0;
  for (long n = 0; n < 4; ++n) pthread_create(&threads[n], 0, work, (void *)n);
  for (int n = 0; n < 4; ++n) {
    void *result;
    pthread_join(threads[n], &result);
    sum += (long)result;
  }
  printf("total %d, sum of results %ld\\n", total, sum);
  return 0;
}
""", link=("-pthread",))

_PTHREAD_EXIT = _service("pthread_exit runs cleanup handlers and ends only its thread", """
#include <pthread.h>
#include <stdio.h>
static void cleanup(void *text) { printf("cleanup %s\\n", (char *)text); }
static void *work(void *unused) {
  pthread_cleanup_push(cleanup, "of the thread");
  pthread_exit((void *)7);
  pthread_cleanup_pop(0);
  return unused;
}
int main(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, &result);
  printf("result %ld\\n", (long)result);
  return 0;
}
""", link=("-pthread",), shows=("cleanup of the thread", "result 7"))

_CANCEL = _service("a thread that waits can be cancelled", """
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void cleanup(void *unused) { (void)unused; puts("cancelled"); }
static void *work(void *unused) {
  pthread_cleanup_push(cleanup, 0);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return unused;
}
int main(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, 0, work, 0);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("result: %s\\n", result == PTHREAD_CANCELED ? "cancelled" : "NO");
  return 0;
}
""", link=("-pthread",), shows=("result: cancelled",))

_THREAD_ATTRIBUTES = _service("a thread's stack has the size that was asked for", """
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
static void *work(void *unused) {
  char much[200000];
  pthread_attr_t attributes;
  size_t size, guard;
  void *low;
  memset(much, 1, sizeof much);
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  printf("inside: %s\\n", much > (char *)low && much < (char *)low + size ? "yes" : "NO");
  printf("size: %s\\n", size >= 500000 && size < 700000 ? "yes" : "NO");
  printf("guard: %zu\\n", guard);
  return unused;
}
int main(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 524288);
  pthread_attr_setguardsize(&attributes, 65536);
  pthread_create(&thread, &attributes, work, 0);
  pthread_join(thread, 0);
  return 0;
}
""", link=("-pthread",), page_sizes=(), shows=("inside: yes", "guard: 65536"))

_SIGNALS = _service("a signal is handled on another stack and its mask is kept", """
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
static volatile int handled;
static char *stack;
static void handle(int number, siginfo_t *information, void *context) {
  char here;
  (void)context;
  handled = number == SIGUSR1 && information->si_signo == number && &here > stack && &here < stack + 65536;
}
int main(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigset_t mask;
  stack_t other = {.ss_sp = stack = malloc(65536), .ss_size = 65536};
  sigaltstack(&other, 0);
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, 0);
  raise(SIGUSR1);
  sigprocmask(SIG_SETMASK, 0, &mask);
  printf("handled: %s\\n", handled ? "yes" : "NO");
  printf("blocked at the start: %d\\n", sigismember(&mask, SIGUSR1) + sigismember(&mask, SIGALRM));
  return 0;
}
""", shows=("handled: yes", "blocked at the start: 0"))

_FORK = _service("a forked child runs its handlers and its own exit", """
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void before(void) { puts("before"); fflush(stdout); }
static void in_parent(void) { puts("in the parent"); fflush(stdout); }
static void in_child(void) { printf("in the child, "); }
int main(void) {
  int status;
  pthread_atfork(before, 0, in_child);
  pid_t child = fork();
  if (child == 0) { printf("exit flushes\\n"); exit(9); }
  waitpid(child, &status, 0);
  in_parent();
  printf("status %d\\n", WEXITSTATUS(status));
  return 0;
}
""", link=("-pthread",), shows=("in the child, exit flushes", "status 9"))

_SHELL = _service("system and popen run a shell", """
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char line[80];
  FILE *pipe = popen("echo from the shell", "r");
  printf("%s", fgets(line, sizeof line, pipe));
  printf("closed %d\\n", pclose(pipe));
  fflush(stdout);
  printf("status %d\\n", system("exit 3") >> 8);
  return 0;
}
""", machines=("x86_64",), shows=("from the shell", "status 3"))

_EXEC = _service("a program can start itself again by execve", """
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv, char **environment) {
  printf("with %d arguments\\n", argc);
  fflush(stdout);
  if (argc > 2) return 5;
  char *words[] = {argv[0], argv[1], "again", 0};
  execve(argv[1], words, environment);
  return 1;
}
""", machines=("x86_64",), arguments=("{program}",), status=5, shows=("with 3 arguments",))

_ADDRESS = _service("getaddrinfo reads a numeric address", """
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
int main(void) {
  struct addrinfo hints, *list;
  memset(&hints, 0, sizeof hints);
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  printf("status %d\\n", getaddrinfo("127.0.0.1", "80", &hints, &list));
  struct sockaddr_in *address = (struct sockaddr_in *)list->ai_addr;
  printf("%s %d\\n", inet_ntoa(address->sin_addr), ntohs(address->sin_port));
  freeaddrinfo(list);
  return 0;
}
""", shows=("127.0.0.1 80",))

_NAMES = _service("the user with number nought has a name", """
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
int main(void) {
  struct passwd *user = getpwuid(0);
  struct group *group = getgrgid(0);
  printf("%s %s %s\\n", user ? user->pw_name : "(none)", user ? user->pw_dir : "(none)",
         group ? group->gr_name : "(none)");
  return 0;
}
""", much_zero=True, shows=("root /root root",))

_ICONV = _service("iconv converts to UTF-16 and from Latin 1", """
#include <iconv.h>
#include <stdio.h>
static void convert(const char *to, const char *from, char *text, size_t length) {
  unsigned char result[40];
  char *out = (char *)result;
  size_t left = sizeof result;
  iconv_t converter = iconv_open(to, from);
  if (converter == (iconv_t)-1) { printf("%s to %s: none\\n", from, to); return; }
  iconv(converter, &text, &length, &out, &left);
  printf("%s to %s:", from, to);
  for (unsigned char *each = result; (char *)each < out; ++each) printf(" %02x", *each);
  printf(" closed %d\\n", iconv_close(converter));
}
int main(void) {
  convert("UTF-16LE", "UTF-8", "g\\xc3\\xbc", 3);
  convert("UTF-8", "ISO-8859-1", "\\xfc", 1);
  return 0;
}
""", libcs=("musl", "glibc"), machines=("x86_64",), newer_libcs=False,
    shows=("UTF-8 to UTF-16LE: 67 00 fc 00 closed 0",))

_STACK_PROTECTOR = _service("a smashed stack is noticed", """
#include <stdio.h>
#include <string.h>
__attribute__((noinline)) static void smash(char *from, int length) {
  char small[8];
  memset(from ? small : 0, 65, length);
  __asm__ volatile("" : : "r"(small) : "memory");
}
int main(int argc, char **argv) {
  puts("before");
  fflush(stdout);
  smash(argv[0], argc + 63);
  puts("after");
  return 0;
}
""", libcs=("glibc",), compile=("-fstack-protector-all", "-Wno-stringop-overflow"), status=-6, shows=("before",),
    machines=("x86_64",))

_CANARY = Recipe("a library's stack protector sees one canary before and after start-up", """
#include "observe.h"
int deep(int depth);
int main(void) { say_number("deep", deep(10)); return 0; }
""", (Library("guarded", """
__attribute__((noinline)) int deep(int depth) {
  char room[64];
  __asm__ volatile("" : : "r"(room) : "memory");
  return depth ? deep(depth - 1) + 1 : 0;
}
__attribute__((constructor)) static void begin(void) { deep(3); }
"""),), libcs=_WITH_LIBC, compile=("-fstack-protector-all",), shows=("deep: 10",))

_ABORTS = _service("a failed assertion ends the program by SIGABRT", """
#include <assert.h>
#include <stdio.h>
int main(int argc, char **argv) {
  (void)argv;
  puts("before");
  fflush(stdout);
  assert(argc == 99);
  return 0;
}
""", status=-6, shows=("before",), machines=("x86_64",))

_TIME = _service("local time follows TZ", """
#include <stdio.h>
#include <time.h>
int main(void) {
  time_t moment = 1700000000;
  char text[80];
  strftime(text, sizeof text, "%F %T %Z", localtime(&moment));
  puts(text);
  return 0;
}
""", environment=(("TZ", "EST5EDT,M3.2.0,M11.1.0"),), shows=("2023-11-14 17:13:20 EST",))

_MAPPINGS = _service("memory can be mapped, protected, grown and given back", """
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
int main(void) {
  char *memory = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memory[65536] = 1;
  printf("protect %d\\n", mprotect(memory, 65536, PROT_READ));
  printf("unmap %d\\n", munmap(memory, 1 << 20));
  char *block = malloc(100);
  strcpy(block, "kept");
  for (int size = 1000; size < 10000000; size *= 3) block = realloc(block, size);
  puts(block);
  void *blocks[1000];
  for (int n = 0; n < 1000; ++n) memset(blocks[n] = malloc(n * 7 + 1), n, n * 7 + 1);
  int wrong = 0;
  for (int n = 0; n < 1000; ++n) { wrong += *(unsigned char *)blocks[n] != (n & 255); free(blocks[n]); }
  printf("wrong %d\\n", wrong);
  return 0;
}
""", shows=("protect 0", "unmap 0", "kept", "wrong 0"))

_LISTED = Recipe("dl_iterate_phdr lists the program, its library and libc once, where they are", """
#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>
#include "observe.h"
int in_library(void);
struct Wanted { const char *part; void *address; int found, inside; };
static struct Wanted wanted[3];
static int begins(const char *text, const char *part) {
  while (*part) if (*text++ != *part++) return 0;
  return 1;
}
static int look(struct dl_phdr_info *information, size_t size, void *count) {
  const char *name = last_component(information->dlpi_name);
  if (++*(int *)count == 1) name = "program";
  for (int n = 0; n < 3; ++n) {
    if (!begins(name, wanted[n].part)) continue;
    ++wanted[n].found;
    for (int each = 0; each < information->dlpi_phnum; ++each) {
      const ElfW(Phdr) *segment = &information->dlpi_phdr[each];
      wanted[n].inside += segment->p_type == PT_LOAD &&
          (ElfW(Addr))wanted[n].address - information->dlpi_addr - segment->p_vaddr < segment->p_memsz;
    }
  }
  return size < sizeof *information;
}
int main(void) {
  int count = 0;
  wanted[0] = (struct Wanted){"program", (void *)main, 0, 0};
  wanted[1] = (struct Wanted){"liblisted.so", (void *)in_library, 0, 0};
  wanted[2] = (struct Wanted){LIBC_NAME, (void *)abort, 0, 0};
  dl_iterate_phdr(look, &count);
  for (int n = 0; n < 3; ++n) {
    say_text("name", wanted[n].part);
    say_number("found", wanted[n].found);
    claim("has the address", wanted[n].inside == 1);
  }
  return 0;
}
""".replace("LIBC_NAME", '\n#ifdef LIBC_MUSL\n"l"\n#else\n"libc.so.6"\n#endif\n'),
    (Library("listed", "int in_library(void) { return 1; }\n"),), compile=("-fPIC",), libcs=("glibc",),
    shows=("found: 1",))

_DLADDR = Recipe("dladdr names functions of the program and of its library", """
#define _GNU_SOURCE
#include <dlfcn.h>
#include "observe.h"
int in_library(void);
__attribute__((visibility("default"))) int in_program(void) { return 2; }
static void ask(const char *what, char *address) {
  Dl_info information;
  if (!dladdr(address + 1, &information)) { say_text(what, "not found"); return; }
  say_text(what, information.dli_sname);
  say_text("file", last_component(information.dli_fname));
  claim("exact", information.dli_saddr == address);
  claim("base", *(const unsigned int *)information.dli_fbase == 0x464c457f);
}
int main(void) {
  ask("program", (char *)in_program);
  ask("library", (char *)in_library);
  return 0;
}
""", (Library("listed", "int in_library(void) { return 1; }\n"),), compile=("-fPIC",),
    link=("-Wl,--export-dynamic",), libcs=_WITH_LIBC, shows=("program: in_program", "library: in_library"))

_BACKTRACE = Recipe("backtrace crosses a library", """
#include <execinfo.h>
#include "observe.h"
int through(int (*function)(void));
static int inside(void) {
  void *frames[30];
  return backtrace(frames, 30);
}
int main(void) { say_number("more frames through the library", through(inside) - inside()); return 0; }
""", (Library("through", "int through(int (*function)(void)) { return function() + 0; }\n"),), libcs=("glibc",),
    machines=("x86_64",))

_LIBM_ERROR = _service("libm sets errno and the floating-point exceptions", """
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include "observe.h"
int main(void) {
  volatile double negative = -1;
  errno = 0;
  volatile double result = log(negative);
  claim("not a number", result != result);
  say_number("errno", errno);
  claim("invalid", fetestexcept(FE_INVALID) != 0);
  return 0;
}
""", link=("-lm",))

RECIPES = [
    _STDIO, _STDIN, _LOCALE, _QSORT, _SETJMP, _THREADS, _PTHREAD_EXIT, _CANCEL, _THREAD_ATTRIBUTES, _SIGNALS, _FORK,
    _SHELL, _EXEC, _ADDRESS, _NAMES, _ICONV, _STACK_PROTECTOR, _CANARY, _ABORTS, _TIME, _MAPPINGS, _LISTED, _DLADDR,
    _BACKTRACE, _LIBM_ERROR,
]
