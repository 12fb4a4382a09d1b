// longjmp from a library returns to the program's setjmp.

#include <setjmp.h>

#include "observe.h"

void jump(jmp_buf* back, int value);

int main(void) {
  jmp_buf back;
  volatile int kept = 4;
  int value = setjmp(back);
  say_number("value", value);
  say_number("kept", kept);
  if (value < 3) {
    ++kept;
    jump(&back, value + 1);
  }
  return 0;
}
