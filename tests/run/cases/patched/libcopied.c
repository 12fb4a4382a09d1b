// The value that the program has by a COPY relocation.
int copied[4] = {1, 2, 3, 4};
int* copied_by_library(void) { return copied; }
