// libc finds the vDSO's clock.

#include <time.h>

#include "observe.h"

int main(void) {
  struct timespec one, other;
  claim("first", clock_gettime(CLOCK_MONOTONIC, &one) == 0);
  claim("second", clock_gettime(CLOCK_MONOTONIC, &other) == 0);
  claim("forward",
        other.tv_sec > one.tv_sec || (other.tv_sec == one.tv_sec && other.tv_nsec >= one.tv_nsec));
  claim("a time after this was written", time(0) > 1700000000);
  return 0;
}
