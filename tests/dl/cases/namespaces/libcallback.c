// Calls back, and reaches from its namespace into the program's.

#include "spaces.h"

int call_back(int (*function)(int), int number) { return function(number) + 1; }

int count_in_base(void) {
  void* handle = dlmopen(LM_ID_BASE, "libcounter.so", RTLD_NOW);
  if (!handle) return -1;
  int count = answer(handle, "count_on");
  closed(handle);
  return count;
}

int number_of_program(void) {
  void* handle = dlopen(0, RTLD_NOW);
  int* number = handle ? dlsym(handle, "number") : 0;
  int answer = number ? *number : -1;
  if (handle) closed(handle);
  return answer;
}
