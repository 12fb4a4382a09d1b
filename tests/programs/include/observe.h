/* What test programs say about themselves: lines on stdout, by raw system calls, so that the same source runs with
   glibc, with musl and with no libc at all. With no libc it also brings the program's entry point.
   Compiled with -DPROGRAM for the program's own source, and with -DLIBC_NONE where there is no libc. */
#ifndef OBSERVE_H
#define OBSERVE_H

#ifdef __cplusplus
extern "C" {
#define LINKAGE extern "C"
#else
#define LINKAGE extern
#endif

#if defined __x86_64__
enum { kWriteNumber = 1, kExitNumber = 231 };
static inline long kernel_call(long number, long first, long second, long third) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second), "d"(third)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined __aarch64__
enum { kWriteNumber = 64, kExitNumber = 94 };
static inline long kernel_call(long number, long first, long second, long third) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = first;
  register long x1 __asm__("x1") = second;
  register long x2 __asm__("x2") = third;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
#endif

struct Line {
  char text[512];
  int length;
};

static inline void add_character(struct Line *line, char character) {
  if (line->length < (int)sizeof line->text) line->text[line->length++] = character;
}

static inline void add_text(struct Line *line, const char *text) {
  if (!text) text = "(null)";
  for (; *text; ++text) add_character(line, *text);
}

static inline void add_number(struct Line *line, long value) {
  char digits[24];
  int count = 0;
  unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;
  do digits[count++] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0) add_character(line, '-');
  while (count) add_character(line, digits[--count]);
}

static inline void print_line(struct Line *line) {
  add_character(line, '\n');
  kernel_call(kWriteNumber, 1, (long)line->text, line->length);
}

/* A line of text. */
static inline void say(const char *text) {
  struct Line line;
  line.length = 0;
  add_text(&line, text);
  print_line(&line);
}

/* "name: text" */
static inline void say_text(const char *name, const char *text) {
  struct Line line;
  line.length = 0;
  add_text(&line, name);
  add_text(&line, ": ");
  add_text(&line, text);
  print_line(&line);
}

/* "name: 42" */
static inline void say_number(const char *name, long value) {
  struct Line line;
  line.length = 0;
  add_text(&line, name);
  add_text(&line, ": ");
  add_number(&line, value);
  print_line(&line);
}

/* "claim: yes", or "claim: NO", which no run may print. */
static inline int claim(const char *text, int holds) {
  say_text(text, holds ? "yes" : "NO");
  return holds;
}

static inline int same_text(const char *one, const char *other) {
  while (*one && *one == *other) ++one, ++other;
  return *one == *other;
}

static inline const char *last_component(const char *path) {
  const char *last = path;
  for (; *path; ++path)
    if (*path == '/') last = path + 1;
  return last;
}

__attribute__((noreturn)) static inline void leave_at_once(int status) {
  for (;;) kernel_call(kExitNumber, status, 0, 0);
}

/* Makes the file longer than its last segment. qemu-user pretends large pages above the host's small ones: the part
   of a large page that lies behind the end of the file cannot be touched there, as it can where pages are large. */
#define LENGTHEN_FILE __asm__(".pushsection .lengthening, \"\", %progbits\n.zero 65536\n.popsection")

/* Hides where a value comes from, so that the compiler cannot answer a question meant for the loader. */
#define OPAQUE(value)                           \
  __extension__({                               \
    __typeof__(1 ? (value) : (value)) hidden_value_ = (value); /* a value: not const */ \
    __asm__ volatile("" : "+r"(hidden_value_)); \
    hidden_value_;                              \
  })

#if defined PROGRAM && defined LIBC_NONE
/* However the source declares it. */
int call_main(int argc, char **argv, char **environment) __asm__("main");

/* The loader hands the program a function to call at exit: in rdx (x86_64) or x0 (aarch64). */
static void (*loader_fini)(void);
static long *initial_stack;

__attribute__((used, visibility("hidden"), noreturn)) void start_in_c(long *stack, void (*fini)(void)) {
  int argc = (int)stack[0];
  initial_stack = stack;
  loader_fini = fini;
  int status = call_main(argc, (char **)(stack + 1), (char **)(stack + argc + 2));
#ifdef CALL_LOADER_FINI /* glibc's own fails an assertion in a process without libc */
  loader_fini();
#endif
  leave_at_once(status);
}

#if defined __x86_64__
__asm__(".pushsection .text\n.globl _start\n.type _start, @function\n_start:\n"
        "  xor %ebp, %ebp\n  mov %rdx, %rsi\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call start_in_c\n  hlt\n"
        ".size _start, . - _start\n.popsection");
#elif defined __aarch64__
__asm__(".pushsection .text\n.globl _start\n.type _start, %function\n_start:\n"
        "  mov x29, xzr\n  mov x30, xzr\n  mov x1, x0\n  mov x0, sp\n  bl start_in_c\n  brk 1\n"
        ".size _start, . - _start\n.popsection");
#endif
#endif

#ifdef __cplusplus
}
#endif
#endif
