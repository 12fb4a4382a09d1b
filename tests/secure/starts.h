/* One start of a program: see starts.c. */
#pragma once

struct start {
  char **words;
  int word_count;
  const char *program;
  char **environment;
};

/* Does what the words say to this process, then executes the program. */
_Noreturn void execute_as_told(struct start *start);

/* Ends the process with a line that says what failed. */
_Noreturn void give_up(const char *what);
