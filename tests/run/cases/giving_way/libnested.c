// A library whose function is called through a trampoline on the stack.
static __attribute__((noinline)) int call(int (*volatile function)(int), int value) {
  return function(value);
}

int number(int base) {
  __attribute__((noinline)) int add(int more) { return base + more; }
  return call(add, 2);
}
