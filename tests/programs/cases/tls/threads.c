// Each thread starts with the initial TLS of every module.

#include <pthread.h>

#include "observe.h"

static __thread int own = 1;
static __thread __attribute__((aligned(64))) int aligned = 2;
int* first_address(void);
int* second_address(void);
char* first_text(void);
char* second_text(void);

static void* look(void* number) {
  say_number("thread", (long)number);
  say_number("own", own);
  say_number("first", *first_address());
  say_number("second", *second_address());
  claim("texts", same_text(first_text(), "first") && same_text(second_text(), "second"));
  claim("aligned", OPAQUE((unsigned long)&aligned) % 64 == 0 && aligned == 2);
  own = *first_address() = *second_address() = 1000;
  first_text()[0] = 'x';
  return &own;
}

int main(void) {
  own = 50;
  *first_address() = 51;
  *second_address() = 52;
  second_text()[0] = 'y';
  aligned = 9;
  for (long number = 0; number < 3; ++number) {
    pthread_t thread;
    void* address;
    pthread_create(&thread, 0, look, (void*)number);
    pthread_join(thread, &address);
    claim("another address", address != &own);
  }
  say_number("main's own", own);
  say_number("main's first", *first_address());
  say_number("main's second", *second_address());
  claim("main's text", same_text(first_text(), "first"));
  return 0;
}
