// A pointer at an odd address is relocated.

#include "observe.h"

int number;
extern int other;

struct __attribute__((packed)) Odd {
  char first;
  int* relative;
  int* symbolic;
};
static struct Odd odd = {1, &number, &other};

int main(void) {
  struct Odd* pointer = OPAQUE(&odd);
  claim("relative", pointer->relative == &number);
  claim("symbolic", pointer->symbolic == &other);
  return 0;
}
