// What guest/attack.c attacks when a loader has sealed it: text, and RELRO that holds relocated addresses.

// Apart from the PLT, whose page is anonymous memory once its calls are bound.
__attribute__((aligned(16384))) static int one(void) { return 1; }

static int two(void) { return 2; }

int (*const target_table[])(void) = {one, two, one, two};

int call_target(int index) { return target_table[index](); }
