// Initial-exec TLS is refused when it is used up, and its place is used again after a close.

#include "opens.h"

int main(void) {
  for (int round = 0; round < 500; ++round) {
    void* handle = opened("libsmall.so", RTLD_NOW);
    if (answer(handle, "next") != 6) give_up("not fresh", "libsmall.so");
    closed(handle);
  }
  say("500 rounds");
  return 0;
}
