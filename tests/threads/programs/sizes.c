/* The numbers that a thread is told of its stack. Each thread lives to the end: no stack is used twice. */

static pthread_barrier_t told;

static void* tell(void* name) {
  pthread_attr_t attributes;
  void* lowest = 0;
  size_t size = 0, guard = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) give_up("ask for attributes");
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  say((const char*)name);
  say_number("  stack", (long)size);
  say_number("  guard", (long)guard);
  claim("  it is told its own",
        (char*)&size > (char*)lowest && (char*)&size < (char*)lowest + size);
  pthread_barrier_wait(&told);
  for (;;) pause();
}

int main(void) {
  const struct {
    const char* name;
    size_t stack, guard;
  } asked[] = {
      {"default", UNSET, UNSET},
      {"another guard", UNSET, 3 * 65536},
      {"no guard", UNSET, 0},
      {"one mebibyte", 1 << 20, UNSET},
      {"one byte more", (1 << 20) + 1, UNSET},
      {"odd", 1234567, 1},
      {"odd without", 1234567, 0},
      {"a large guard", 1 << 20, 2 << 20},
      {"a byte more than twice the least", 2 * LEAST_STACK + 1, UNSET},
      {"four times the least", 4 * LEAST_STACK, 4096},
      {"101000", 0x101000, 4096},
  };
  pthread_barrier_init(&told, 0, 2);
  for (size_t which = 0; which < sizeof asked / sizeof asked[0]; ++which) {
    pthread_attr_t attributes;
    make_attributes(&attributes, asked[which].stack, asked[which].guard);
    started(&attributes, tell, (void*)asked[which].name);
    pthread_attr_destroy(&attributes);
    pthread_barrier_wait(&told);
  }
  return 0;
}
