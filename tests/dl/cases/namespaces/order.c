// Objects of two namespaces and of the program's begin and end.

#include "spaces.h"

static void at_exit(void) { say("exit"); }

int main(int argc, char** argv) {
  say("main");
  atexit(at_exit);
  opened("libouter.so", RTLD_NOW);
  void *one = opened_apart("libouter.so"), *two = opened_apart("libinner.so");
  if (argc > 1) {
    say("close one");
    closed(one);
    say("close two");
    closed(two);
    say("open again");
    opened_apart("libinner.so");
  }
  say("end of main");
  return 0;
}
