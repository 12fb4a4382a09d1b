/* A thread overflows its stack, in frames of FRAME bytes; the handler, on a stack of its own, looks where.
   Arguments: "handled" or "unhandled", and the guard's size in pages; 0 is the default. */
#ifndef FRAME
#define FRAME 200
#endif

static struct Stack stack;
static char handlers_stack[1 << 16];

static void handle(int number, siginfo_t *information, void *context) {
  char *at = (char *)information->si_addr;
  (void)context;
  say_number("signal", number);
  claim("the fault is in the guard", at < stack.lowest && at >= stack.lowest - real_guard(stack.guard));
  leave_at_once(3);
}

__attribute__((noinline)) static long deeper(long depth) {
  volatile char frame[FRAME];
  frame[0] = (char)depth;
  return deeper(depth + 1) + frame[0];
}

static void *overflow(void *argument) {
  stack_t alternate;
  memset(&alternate, 0, sizeof alternate);
  alternate.ss_sp = handlers_stack;
  alternate.ss_size = sizeof handlers_stack;
  if (argument) sigaltstack(&alternate, 0);
  stack = stack_of(pthread_self());
  say_number("guard", (long)stack.guard);
  return (void *)deeper(0);
}

int main(int argc, char **argv) {
  pthread_attr_t attributes;
  int is_handled = argc > 1 && strcmp(argv[1], "handled") == 0;
  size_t pages = argc > 2 ? (size_t)atol(argv[2]) : 0;
  if (is_handled) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, 0);
  }
  make_attributes(&attributes, 1 << 20, pages == 0 ? UNSET : pages * page_size());
  joined(started(&attributes, overflow, is_handled ? &attributes : 0));
  return 0;
}
