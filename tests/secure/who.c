/* Says which of several libraries of one name was loaded. With -DSPEAKS it is one that only the caller would have
   loaded, and its constructor says at once that it runs, on standard error. */
#include <sys/syscall.h>

#include "observe.h"

const char *who(void) { return TELLS; }

#ifdef SPEAKS
__attribute__((constructor)) static void speak(void) {
  static const char text[] = "false library\n";
  kernel_call(SYS_write, 2, (long)text, sizeof text - 1);
}
#endif
