// TLS of a closed object is given back by a thread that goes on.

#include "opens.h"

static void rounds(int count) {
  for (int n = 0; n < count; ++n) {
    void* handle = opened("libmuch.so", RTLD_NOW);
    answer(handle, "fill");
    closed(handle);
  }
}

static void* work(void* unused) {
  (void)unused;
  rounds(20);
  long before = resident_kib();
  rounds(400);
  claim("less than eight blocks more", resident_kib() - before < 8 * 1024);
  return 0;
}

int main(void) {
  work(0);
  joined(started(work, 0));
  return 0;
}
