/* The smallest program, on glibc, musl or no libc: that it was started right shows in its arguments and its status. */
#include "observe.h"

static const char* words[] = {"hello", "from", "here"};

int main(int argc, char** argv) {
  say_text(words[0], argc > 1 ? argv[1] : "nobody");
  return 7;
}
