// backtrace_symbols names the frames of an opened object and of the program.

#include "traced.h"

static int sees(char** names, const char* name) {
  int seen = 0;
  for (int n = 0; n < count; ++n) seen += strstr(names[n], name) != 0;
  return seen;
}

static void look(void) {
  char** names = backtrace_symbols(frames, count);
  claim("called_back", sees(names, "(called_back+"));
  claim("through, in its object", sees(names, "libthrough.so(through+"));
  claim("main", sees(names, "(main+"));
  claim("libc's start", sees(names, "(__libc_start_main"));
}
