/* Says the headers and the VmFlags lines of /proc/self/smaps: what is mapped where, and which of it is sealed. On glibc,
   musl or no libc. */
#include "observe.h"

#if defined __x86_64__
enum { kReadNumber = 0, kOpenAtNumber = 257 };
#elif defined __aarch64__
enum { kReadNumber = 63, kOpenAtNumber = 56 };
#endif

static char bytes[1 << 18];

static long read_whole(const char* path) {
  long descriptor = kernel_call(kOpenAtNumber, -1, (long)path, 0), length = 0, count;
  if (descriptor < 0) return descriptor;
  while ((count = kernel_call(kReadNumber, descriptor, (long)(bytes + length),
                              (long)sizeof bytes - 1 - length)) > 0)
    length += count;
  return count < 0 ? count : length;
}

/* A header begins with an address; the names of the fields begin with a capital. */
static int wanted(const char* line) {
  return line[0] == 'V' || (line[0] >= '0' && line[0] <= '9') || (line[0] >= 'a' && line[0] <= 'f');
}

int main(void) {
  long length = read_whole("/proc/self/smaps");
  if (length <= 0) {
    say_number("smaps", length);
    return 1;
  }
  for (char *line = bytes, *end; line < bytes + length; line = end + 1) {
    for (end = line; *end != '\n' && *end != '\0'; ++end) continue;
    *end = '\0';
    if (wanted(line)) say(line);
  }
  return 0;
}
