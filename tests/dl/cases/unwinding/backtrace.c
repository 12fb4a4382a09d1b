// backtrace sees the frames of an opened object and of the program.

#include "traced.h"

static void look(void) {
  Dl_info information;
  for (int n = 0; n < 3; ++n)
    say_text("frame",
             dladdr((char*)frames[n] - 1, &information) ? information.dli_sname : "in no object");
}
