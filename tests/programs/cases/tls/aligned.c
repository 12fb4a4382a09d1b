// Every module's TLS is aligned as it asks: the program's to ALIGNMENT, and that of a library to
// each of EACH.

#include "observe.h"

#define EACH(macro) macro(1) macro(2) macro(4) macro(8) macro(16) macro(32) macro(64) macro(4096)
#define DECLARE(n) int check##n(void);
#define CLAIM(n) claim("library aligned to " #n, check##n());

EACH(DECLARE)

static __thread char before = 1;
static __thread __attribute__((aligned(ALIGNMENT))) char data[5] = "four";
static __thread __attribute__((aligned(ALIGNMENT))) char empty[3];

int main(void) {
  claim("program's data",
        OPAQUE((unsigned long)data) % ALIGNMENT == 0 && same_text(data, "four") && before == 1);
  claim("program's zeros", OPAQUE((unsigned long)empty) % ALIGNMENT == 0 && empty[0] == 0);
  EACH(CLAIM)
  return 0;
}
