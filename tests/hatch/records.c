/* Prints the filter that <ldseal/exempt.h> would install for CLASSES, one instruction a line, and what is set before:
       records CLASSES */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

static int recorded(int option, ...);
#define prctl recorded
#include <ldseal/exempt.h>
#undef prctl

#include <stdarg.h>

static int recorded(int option, ...) {
  va_list arguments;
  va_start(arguments, option);
  if (option == PR_SET_NO_NEW_PRIVS) {
    printf("no_new_privs %d\n", va_arg(arguments, int));
  } else if (option == PR_SET_SECCOMP && va_arg(arguments, int) == SECCOMP_MODE_FILTER) {
    const struct sock_fprog *filter = va_arg(arguments, const struct sock_fprog *);
    for (const struct sock_filter *each = filter->filter; each < filter->filter + filter->len; ++each)
      printf("%u %u %u %u\n", each->code, each->jt, each->jf, each->k);
  }
  va_end(arguments);
  return 0;
}

int main(int argc, char **argv) {
  return argc == 2 ? ldseal_exempt((unsigned)strtoul(argv[1], NULL, 0)) : 2;
}
