/* A library that calls through its PLT: a function of libc, one of its own that others may replace,
   and one that a resolver chooses. */
#include <unistd.h>

int library_calls(void);
int library_calls_indirect(void);
int chosen(void);

#ifdef WITHOUT_IFUNC
int chosen(void) { return 7; }
#else
static int seven(void) { return 7; }
int (*resolve(void))(void);
int (*resolve(void))(void) { return seven; }
int chosen(void) __attribute__((ifunc("resolve")));
#endif

int own(void);
int own(void) { return getpid(); }

int library_calls(void) { return getppid() + own(); }
int library_calls_indirect(void) { return chosen(); }
