// A missing version leaves no trace.

#include "unchanged.h"

int main(void) {
  fails_without_a_trace("libwants.so", RTLD_NOW);
  return 0;
}
