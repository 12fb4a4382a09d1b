/* The same without a libc: what ldseal's own start object does for it. */
#define LIBC_NONE
#include "observe.h"

static int seven = 7;
int *const relocated = &seven;
static int table[100];
int *const many[] = {&table[0], &table[10], &table[20], &table[99]};
static __thread int initialised = 40;
static __thread int zero;
static __thread char aligned[64] __attribute__((aligned(64)));
static int constructed;

__attribute__((constructor)) static void construct(void) { constructed = *relocated; }

static int fast(void) { return 3; }
__attribute__((used)) static int (*choose(void))(void) { return fast; }
static int chosen(void) __attribute__((ifunc("choose")));
extern int nobody_defines_this __attribute__((weak));

int main(int count, char **words, char **environment) {
  say_text("word", words[count - 1]);
  say_number("relocated", *relocated);
  say_number("distance", many[3] - many[0]);
  say_number("initialised", ++initialised);
  say_number("zero", zero);
  say_number("misaligned", (long)aligned % 64);
  say_number("constructed", constructed);
  say_number("chosen", chosen());
  say_number("undefined", &nobody_defines_this != 0);
  say_text("variable", environment[0]);
  return 3;
}
