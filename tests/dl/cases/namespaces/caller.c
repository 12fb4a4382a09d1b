// The run path of whoever calls counts.

#include "spaces.h"

void* open_by_run_path(void);

int main(void) {
  claim("not by the program's", dlmopen(LM_ID_NEWLM, "libcounter.so", RTLD_NOW) == 0);
  void* handle = open_by_run_path();
  claim("by the library's", handle != 0);
  say_number("counts", answer(handle, "count_on"));
  return 0;
}
