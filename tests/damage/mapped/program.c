/* What the tests of mapped programs damage: a program with everything that a loader looks at, constants that relocation
 * fills, thread-local storage, zeroes behind its data. Ends with 42. */
#include <stdlib.h>

static const char *const relocated[] = {"relocated", "constants"};
static __thread int counter = 40;
static int more = 1;
static char zeroes[10000];

#ifdef MOVED
/* Where a test puts the program headers: far from the ELF header. */
__attribute__((aligned(8), used)) const char room[1024] = "room for program headers";
#endif

__attribute__((constructor)) static void construct(void) { more += 1; }

int main(int count, char **words) {
  (void)words;
  return relocated[count - 1][0] == 'r' ? counter + more + zeroes[5000] : EXIT_FAILURE;
}
