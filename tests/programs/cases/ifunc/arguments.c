// An aarch64 resolver is told what the processor can.

#include <sys/auxv.h>
#include <sys/ifunc.h>

#include "observe.h"

static unsigned long first_argument;
static unsigned long second_hwcap;

static int plain(void) { return 1; }

static int (*resolve(unsigned long hwcap, const __ifunc_arg_t* more))(void) {
  first_argument = hwcap;
  second_hwcap = more->_hwcap2;
  return plain;
}

int chosen(void) __attribute__((ifunc("resolve")));

int main(void) {
  say_number("chosen", chosen());
  claim("AT_HWCAP", (first_argument & ~_IFUNC_ARG_HWCAP) == getauxval(AT_HWCAP));
  claim("marked as having a second argument", (first_argument & _IFUNC_ARG_HWCAP) != 0);
  claim("AT_HWCAP2", second_hwcap == getauxval(AT_HWCAP2));
  return 0;
}
