"""What libc does for programs and needs its own start-up for: stdio, locale, names, time, memory."""

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
    _STDIO, _STDIN, _LOCALE, _QSORT, _SETJMP, _ADDRESS, _NAMES, _ICONV, _TIME, _MAPPINGS, _LIBM_ERROR,
]
