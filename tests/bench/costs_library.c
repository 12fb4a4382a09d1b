/* Some names, and thread-local storage behind a function. */
#ifndef NEXT
#define NEXT next
#endif
__thread int count = 5;
__thread int others[100];
int NEXT(void) { return ++count; }
#define NAMED(n) int f##n(void) { return n; }
NAMED(1) NAMED(2) NAMED(3) NAMED(4) NAMED(5) NAMED(6) NAMED(7) NAMED(8) NAMED(9) NAMED(10)
