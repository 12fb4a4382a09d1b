// What a process shows of its start, the same under every loader.
#pragma once

#include <stdio.h>
#include <sys/auxv.h>

extern char** environ;

static void show_start(int argc, char** argv) {
  for (int n = 1; n < argc; ++n) printf("argument: %s\n", argv[n]);
  for (char** entry = environ; *entry != NULL; ++entry) printf("variable: %s\n", *entry);
  printf("secure: %lu\n", getauxval(AT_SECURE));
}
