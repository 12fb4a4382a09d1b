/* What shows_start.c writes with. Include after observe.h. */
#pragma once

enum { kReport = 9, kBufferSize = 1 << 16 };

static inline long call(long number, long first, long second, long third, long fourth) {
#if defined __x86_64__
  long result;
  register long r10 __asm__("r10") = fourth;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = first;
  register long x1 __asm__("x1") = second;
  register long x2 __asm__("x2") = third;
  register long x3 __asm__("x3") = fourth;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#endif
}

static char shown[kBufferSize];
static long shown_length;

static inline void show_end(void) {
  for (long done = 0; done < shown_length;) {
    long written = call(SYS_write, kReport, (long)shown + done, shown_length - done, 0);
    if (written <= 0) leave_at_once(125);
    done += written;
  }
  shown_length = 0;
}

static inline void show_character(char character) {
  if (shown_length == kBufferSize) show_end();
  shown[shown_length++] = character;
}

static inline void show_characters(const char *text) {
  while (*text) show_character(*text++);
}

/* The name, then at once the text. */
static inline void show_text(const char *name, const char *text) {
  show_characters(name);
  show_characters(text ? text : "(null)");
  show_character(0);
}

static inline void show_number(const char *name, long value) {
  struct Line line;
  line.length = 0;
  add_character(&line, ' ');
  add_number(&line, value);
  add_character(&line, 0);
  show_text(name, line.text);
}

/* The name as a text of its own, then the file's bytes, or why there are none, and a NUL. */
static inline void show_file(const char *name, const char *path) {
  char buffer[4096];
  long file = call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY, 0);
  show_text(name, "");
  if (file < 0) return show_number("refused", file);
  for (long got; (got = call(SYS_read, file, (long)buffer, sizeof buffer, 0)) > 0;)
    for (long i = 0; i < got; ++i) show_character(buffer[i]);
  call(SYS_close, file, 0, 0, 0);
  show_character(0);
}

static inline int same_start(const char *text, const char *start) {
  while (*start && *text == *start) ++text, ++start;
  return *start == 0;
}
