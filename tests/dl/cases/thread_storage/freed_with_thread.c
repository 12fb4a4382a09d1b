// TLS of opened objects is given back when its thread ends.

#include "opens.h"

static void* handle;

static void* work(void* unused) {
  (void)unused;
  answer(handle, "fill");
  return 0;
}

int main(void) {
  handle = opened("libmuch.so", RTLD_NOW);
  for (int n = 0; n < 20; ++n) joined(started(work, 0));
  long before = resident_kib();
  for (int n = 0; n < 400; ++n) joined(started(work, 0));
  claim("less than eight threads' worth more", resident_kib() - before < 8 * 1024);
  return 0;
}
