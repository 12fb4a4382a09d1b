// A library with some pages of RELRO. peek() reads any byte of it.

static int one = 1;
int* const relocated[3000] = {[0 ... 2999] = &one};
extern const volatile char __ehdr_start[] __attribute__((visibility("hidden")));

int peek(unsigned long offset) { return __ehdr_start[offset] + *relocated[0]; }
