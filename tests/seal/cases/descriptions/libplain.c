// A library, NAME, that says when it begins and when it ends.
#include <stdio.h>

int looked_up = 1;

__attribute__((constructor)) static void begin(void) { printf("%s begins\n", NAME); }
__attribute__((destructor)) static void end(void) { printf("%s ends\n", NAME); }
