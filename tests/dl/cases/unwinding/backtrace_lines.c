// The lines of backtrace_symbols and of backtrace_symbols_fd are libc's own.

#define _GNU_SOURCE
#include <execinfo.h>

#include "opens.h"

static void say_place(const char* what, char* line) {
  char *address = strrchr(line, '['), *file = strchr(line, '(');
  if (address) *address = 0;
  if (address > line && address[-1] == ' ') address[-1] = 0;  // newer glibc has one here in both
  say_text(what, file ? file : line);
}

static int function(void) { return 0; }

int named(void) { return function(); }

int main(void) {
  char* inside = found(opened("libthrough.so", RTLD_NOW), "through");
  void* places[] = {named, (char*)named + 1, inside, inside + 2, 0, (void*)16, places};
  int count = sizeof places / sizeof *places, ends[2];
  char **lines = backtrace_symbols(places, count), text[8192] = "", *line = text;
  for (int n = 0; n < count; ++n) say_place("line", lines[n]);
  free(lines);
  if (pipe(ends) != 0) give_up("no pipe", "");
  backtrace_symbols_fd(places, count, ends[1]);
  if (read(ends[0], text, sizeof text - 1) < 0) give_up("nothing written", "");
  for (line = strtok(text, "\n"); line; line = strtok(0, "\n")) say_place("written", line);
  return 0;
}
