// Namespaces are made until libc has no more, and again after all are closed.

#include "spaces.h"

enum { kMost = 40 };

static int open_all(void** handles, const char* name) {
  for (int count = 0; count < kMost; ++count) {
    handles[count] = dlmopen(LM_ID_NEWLM, name, RTLD_NOW);
    if (handles[count]) continue;
    say_text("because", dlerror());
    return count;
  }
  return kMost;
}

int main(int argc, char** argv) {
  void* handles[kMost];
  for (int round = 0; round < 2; ++round) {
    int count = open_all(handles, argv[1]);
    say_number("namespaces", count);
    for (int n = 0; n < count; ++n) closed(handles[n]);
  }
  return argc != 2;
}
