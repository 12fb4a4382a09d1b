// A library with a TLS variable aligned to ALIGNMENT, which its check asks about. The alignment is
// part of the names, for a program has several such libraries.

#define JOINED_(name, number) name##number
#define JOINED(name, number) JOINED_(name, number)
#define ALIGNED JOINED(aligned, ALIGNMENT)

static __thread char before = ALIGNMENT % 100;
__thread __attribute__((aligned(ALIGNMENT))) char ALIGNED[ALIGNMENT] = {ALIGNMENT % 127};
static __thread __attribute__((aligned(ALIGNMENT))) char empty[3];

int JOINED(check, ALIGNMENT)(void) {
  return (unsigned long)ALIGNED % ALIGNMENT == 0 && ALIGNED[0] == ALIGNMENT % 127 &&
         (unsigned long)empty % ALIGNMENT == 0 && empty[0] == 0 && before == ALIGNMENT % 100;
}
