// A library that a debugger looks into: nested calls, a thread-local variable, and a loop to be sampled.
#include "work.h"

__thread int thread_local_counter = 40;
int global_counter = 5;

__attribute__((noinline)) int library_inner(int value) {
  global_counter += value;
  thread_local_counter += 1;
  return value * 2;
}

__attribute__((noinline)) int library_outer(int value) {
  int result = library_inner(value + 1);
  return result + 1;
}

__attribute__((noinline)) int library_crash(int *nowhere) { return *nowhere + 1; }

__attribute__((noinline)) unsigned library_spin(unsigned rounds) {
  volatile unsigned sum = 0;
  for (unsigned i = 0; i < rounds; i++) sum += i * i;
  return sum;
}
