/* Defines what the library needs, in a version. */
int from_needed(void) { return 1; }
