/* Stacks in locked memory, which takes no guard in the page table. */
static int wrong;

static void *use(void *argument) {
  struct Stack stack = stack_of(pthread_self());
  if (!is_guarded(&stack)) ++wrong;
  use_all(&stack);
  return argument;
}

static void several(const char *when) {
  pthread_t threads[4];
  pthread_attr_t attributes;
  make_attributes(&attributes, 1 << 18, UNSET);
  for (int time = 0; time < 5; ++time) {
    for (int which = 0; which < 4; ++which) threads[which] = started(&attributes, use, 0);
    for (int which = 0; which < 4; ++which) joined(threads[which]);
  }
  say_number(when, wrong);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "early") == 0) say_number("mlockall", mlockall(MCL_CURRENT | MCL_FUTURE));
  several("first");
  say_number("mlockall", mlockall(MCL_CURRENT | MCL_FUTURE));
  several("locked");
  say_number("munlockall", munlockall());
  several("unlocked");
  return wrong != 0;
}
