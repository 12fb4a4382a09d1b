// libm sets errno and the floating-point exceptions.

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
