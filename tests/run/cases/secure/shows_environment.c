// Shows AT_SECURE, the library it was linked with, and its environment.

#include "observe.h"

const char* who(void);

static unsigned long secure(char** environment) {
  while (*environment) ++environment;
  while (!*environment)
    ++environment; /* where variables were taken out there is more than one end */
  for (unsigned long* each = (unsigned long*)environment; each[0]; each += 2)
    if (each[0] == 23) return each[1];
  return 99;
}

int main(int argc, char** argv, char** environment) {
  (void)argc;
  (void)argv;
  say_number("secure", secure(environment));
  say_text("who", who());
  for (; *environment; ++environment) say_text("environment", *environment);
  return 0;
}
