// The program has copies of libc's stdout, environ and optind: libc and a library use these.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "observe.h"

extern char** environ;
FILE* stdout_in_library(void);
int* optind_in_library(void);
char*** environ_in_library(void);

int main(int argc, char** argv, char** environment) {
  claim("environ is main's", environ == environment);
  claim("one environ", environ_in_library() == &environ);
  claim("one optind", optind_in_library() == &optind);
  claim("one stdout", stdout_in_library() == stdout);
  claim("stderr is another", stderr != stdout && stderr);
  say_number("optind", optind);
  char* words[] = {"program", "-a", "-b", "rest", 0};
  int letters = 0;
  while (getopt(4, words, "ab") != -1) ++letters;
  say_number("letters", letters);
  say_number("optind after getopt", optind);
  setenv("ADDED", "value", 1);
  int found = 0;
  for (char** each = environ; *each; ++each) found += same_text(*each, "ADDED=value");
  say_number("seen in environ", found);
  fputs("by the copied stdout\n", stdout);
  return 0;
}
