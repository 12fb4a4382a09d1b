// A missing symbol leaves no trace of the object and of what it needs.

#include "unchanged.h"

int main(void) {
  fails_without_a_trace("libincomplete.so", RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  return 0;
}
