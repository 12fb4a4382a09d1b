// A program that gdb follows.

#include "opens.h"

void between(void) { say("between"); }

int main(void) {
  for (int round = 0; round < 2; ++round) {
    void* handle = opened("libplug.so", RTLD_NOW);
    ((int (*)(int))found(handle, "plug_outer"))(round + 5);
    closed(handle);
    between();
  }
  return 0;
}
