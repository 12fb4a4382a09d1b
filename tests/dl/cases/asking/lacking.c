// What libc has not is not there either.

#include "opens.h"

__attribute__((weak)) int __cxa_thread_atexit_impl(void (*)(void*), void*, void*);
__attribute__((weak)) int dladdr1(const void*, Dl_info*, void**, int);

int main(void) {
  const char* names[] = {"dlvsym",
                         "dlmopen",
                         "dladdr1",
                         "_dl_find_object",
                         "__cxa_thread_atexit_impl",
                         "backtrace_symbols",
                         "dlopen",
                         "dladdr"};
  for (unsigned n = 0; n < sizeof names / sizeof *names; ++n)
    claim(names[n], (dlsym(RTLD_DEFAULT, names[n]) != 0) == (n > 5));
  claim("by weak references", __cxa_thread_atexit_impl == 0 && dladdr1 == 0);
  return 0;
}
