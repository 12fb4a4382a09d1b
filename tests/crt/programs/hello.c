/* As little as a program can do that shows each thing which start-up must have got right: relocated constants,
   thread-local storage, constructors, arguments, environment, an IFUNC. */
#include <stdio.h>
#include <stdlib.h>

static int seven = 7;
int *const relocated = &seven; /* in RELRO */
static int table[100];
int *const many[] = {&table[0], &table[10], &table[20], &table[99]};
static __thread int initialised = 40;
static __thread int zero;
static int constructed;

__attribute__((constructor)) static void construct(void) { constructed = *relocated; }
__attribute__((destructor)) static void destroy(void) { puts("destructor"); }

#ifdef IFUNC
static int fast(void) { return 3; }
__attribute__((used)) static int (*choose(void))(void) { return fast; }
static int chosen(void) __attribute__((ifunc("choose")));
#else
static int chosen(void) { return 3; }
#endif

int main(int count, char **words) {
  char text[64]; /* makes a stack protector check this function */
  snprintf(text, sizeof text, "%d %s", count, words[count - 1]);
  printf("words: %s\n", text);
  printf("relocated: %d %d\n", *relocated, (int)(many[3] - many[0]));
  printf("threads: %d %d\n", ++initialised, zero);
  printf("constructed: %d\n", constructed);
  printf("chosen: %d\n", chosen());
  printf("variable: %s\n", getenv("GIVEN"));
  return 3;
}
