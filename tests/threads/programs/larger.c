/* A thread that asks for less than an ended one may get that one's stack, all of it. What it and its creator are told is
   what libc tells, to the byte, and the guard is at the low end of just that. */
#include <semaphore.h>

static sem_t told, end;

static void tell(const char* who, const struct Stack* stack) {
  say(who);
  say_number("  size", (long)(stack->top - stack->lowest));
  say_number("  guard", (long)stack->guard);
}

static void* ask(void* argument) {
  struct Stack stack = stack_of(pthread_self());
  (void)argument;
  tell("the thread", &stack);
  claim("  the guard is there", is_guarded(&stack));
  use_all(&stack);
  claim("  all of the stack can be used", 1);
  sem_post(&told);
  sem_wait(&end);
  return 0;
}

static void try_shape(size_t size, size_t guard) {
  pthread_attr_t attributes;
  make_attributes(&attributes, size, guard);
  say_number("asked for", (long)size);
  pthread_t thread = started(&attributes, ask, 0);
  pthread_attr_destroy(&attributes);
  sem_wait(&told);
  struct Stack stack = stack_of(thread);
  tell("its creator", &stack);
  sem_post(&end);
  joined(thread);
}

int main(void) {
  const size_t large = 8 << 20, small = 3 << 20;
  sem_init(&told, 0, 0);
  sem_init(&end, 0, 0);
  try_shape(large, page_size());
  try_shape(small, page_size());
  try_shape(small, 2 * page_size());
  try_shape(small, 4 * page_size());
  try_shape(large - page_size(), 4 * page_size());
  return 0;
}
