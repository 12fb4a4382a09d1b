/* Which sizes of a stack are too small for the thread-local storage that it has to hold. */

static __thread char large[3 * LEAST_STACK + 10848];

static void* use(void* argument) {
  volatile char* mine = large;
  mine[0] = mine[sizeof large - 1] = 1;
  return argument;
}

int main(void) {
  const size_t above = 3 * LEAST_STACK;
  const size_t sizes[] = {LEAST_STACK,     2 * LEAST_STACK,   above + 10848,
                          above + 11848,   above + 12288,     above + 12289,
                          5 * LEAST_STACK, above + 3 * 13616, 4 << 20};
  for (size_t which = 0; which < sizeof sizes / sizeof sizes[0]; ++which) {
    pthread_attr_t attributes;
    pthread_t thread;
    void* result = 0;
    make_attributes(&attributes, sizes[which], UNSET);
    int answer = pthread_create(&thread, &attributes, use, large);
    pthread_attr_destroy(&attributes);
    say_number("stack", (long)sizes[which]);
    say_number("  answer", answer);
    if (answer == 0) claim("  it has run", pthread_join(thread, &result) == 0 && result == large);
  }
  return 0;
}
