/* What threads, and who asks about them, are told of their stacks, and whether it is so. All of them live to the end: no
   stack is used twice. */
#include <threads.h>

struct Case {
  const char *name;
  size_t stack, guard;
  struct Stack seen;  /* by the thread */
  int usable, guarded;
};

static pthread_barrier_t looked;
static pthread_mutex_t end = PTHREAD_MUTEX_INITIALIZER;

static void look_at(struct Case *it) {
  it->seen = stack_of(pthread_self());
  it->guarded = is_guarded(&it->seen);
  use_all(&it->seen);
  it->usable = 1;
}

static void *look(void *argument) {
  look_at((struct Case *)argument);
  pthread_barrier_wait(&looked);
  pthread_mutex_lock(&end);
  pthread_mutex_unlock(&end);
  return 0;
}

static int look_in_c11(void *argument) {
  look_at((struct Case *)argument);
  return -7;
}

static int are_as_set(const pthread_attr_t *attributes, const struct Case *it) {
  size_t stack = 0, guard = 0;
  pthread_attr_getstacksize(attributes, &stack);
  pthread_attr_getguardsize(attributes, &guard);
  return (it->stack == UNSET || stack == it->stack) && (it->guard == UNSET || guard == it->guard);
}

static void tell(const struct Case *it, size_t least) {
  size_t size = (size_t)(it->seen.top - it->seen.lowest);
  say_number("  guard", (long)it->seen.guard);
  claim("  all of the stack can be used", it->usable);
  claim("  it is as large as was asked", size >= least);
  claim("  it is little larger", size < least + 2 * page_size() + 16384);
  if (it->seen.guard != 0) claim("  the guard is there", it->guarded);
}

static void try_case(struct Case *it) {
  pthread_attr_t attributes;
  pthread_t thread;
  say(it->name);
  make_attributes(&attributes, it->stack, it->guard);
  int answer = pthread_create(&thread, &attributes, look, it);
  claim("  the attributes are as they were", are_as_set(&attributes, it));
  size_t stack = 0;
  pthread_attr_getstacksize(&attributes, &stack);
  pthread_attr_destroy(&attributes);
  say_number("  answer", answer);
  if (answer != 0) return;
  struct Stack told = stack_of(thread);
  pthread_barrier_wait(&looked);
  tell(it, stack);
  claim("  its creator is told the same", memcmp(&told, &it->seen, sizeof told) == 0);
}

static void try_c11(void) {
  struct Case it = {"thrd_create", UNSET, UNSET, {0, 0, 0}, 0, 0};
  thrd_t thread;
  int result = 0;
  say(it.name);
  say_number("  answer", thrd_create(&thread, look_in_c11, &it));
  say_number("  join", thrd_join(thread, &result));
  say_number("  result", result);
  pthread_attr_t attributes;
  size_t size = 0;
  pthread_getattr_default_np(&attributes);
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  tell(&it, size);
}

static void try_new_default(void) {
  static struct Case it = {"new defaults", 1 << 19, UNSET, {0, 0, 0}, 0, 0};
  pthread_attr_t attributes;
  say(it.name);
  make_attributes(&attributes, it.stack, 3 * page_size());
  say_number("  set", pthread_setattr_default_np(&attributes));
  pthread_attr_destroy(&attributes);
  started(0, look, &it);
  pthread_barrier_wait(&looked);
  tell(&it, it.stack);
}

static void try_own_stack(void) {
  static struct Case it = {"the caller's stack", UNSET, UNSET, {0, 0, 0}, 0, 0};
  size_t size = 1 << 18;
  char *memory = (char *)mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_attr_t attributes;
  say(it.name);
  make_attributes(&attributes, UNSET, 1 << 16);
  if (pthread_attr_setstack(&attributes, memory, size) != 0) give_up("set a stack");
  started(&attributes, look, &it);
  pthread_attr_destroy(&attributes);
  pthread_barrier_wait(&looked);
  claim("  it is that one", it.seen.lowest >= memory && it.seen.top <= memory + size && it.usable);
  claim("  its first byte can be read", can_be_read(memory));
  say_number("  guard", (long)it.seen.guard);
}

static void *nothing(void *argument) { return argument; }

static void try_least(void) {
  pthread_attr_t attributes;
  make_attributes(&attributes, PTHREAD_STACK_MIN, UNSET);
  claim("PTHREAD_STACK_MIN is enough to do nothing", joined(started(&attributes, nothing, &attributes)) == &attributes);
  pthread_attr_destroy(&attributes);
}

/* Sizes that no thread can have. */
static void try_impossible(void) {
  const size_t sizes[] = {(size_t)-4097, (size_t)-8192, (size_t)1 << 60};
  for (int which = 0; which < 3; ++which) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    say_number("impossible guard", pthread_attr_setguardsize(&attributes, sizes[which]));
    say_number("  answer", pthread_create(&thread, &attributes, nothing, 0));
    pthread_attr_destroy(&attributes);
    pthread_attr_init(&attributes);
    say_number("impossible stack", pthread_attr_setstacksize(&attributes, sizes[which] & -(size_t)65536));
    say_number("  answer", pthread_create(&thread, &attributes, nothing, 0));
    pthread_attr_destroy(&attributes);
  }
}

/* The emulator's /proc/self/maps does not have its stack where pages are large: libc then says so. */
static void try_first_thread(void) {
  pthread_attr_t attributes;
  int answer = pthread_getattr_np(pthread_self(), &attributes);
  say_number("the first thread", answer);
  if (answer != 0) return;
  pthread_attr_destroy(&attributes);
  struct Stack stack = stack_of(pthread_self());
  claim("  its stack is where it is", (char *)&stack > stack.lowest && (char *)&stack < stack.top);
}

int main(void) {
  static struct Case cases[] = {
      {"defaults", UNSET, UNSET, {0, 0, 0}, 0, 0},
      {"no guard", 1 << 20, 0, {0, 0, 0}, 0, 0},
      {"a guard of one byte", 1 << 20, 1, {0, 0, 0}, 0, 0},
      {"a guard of a page and a bit", 1 << 20, 4096 + 904, {0, 0, 0}, 0, 0},
      {"a guard of many pages", 1 << 20, 1 << 16, {0, 0, 0}, 0, 0},
      {"a large guard", 1 << 20, 1 << 20, {0, 0, 0}, 0, 0},
      {"a larger guard", 1 << 20, 3 << 20, {0, 0, 0}, 0, 0},
      {"a guard of gigabytes", 1 << 20, (size_t)1 << 32, {0, 0, 0}, 0, 0},
      {"a stack of no whole pages", (1 << 20) + 64, UNSET, {0, 0, 0}, 0, 0},
      {"the smallest stack", UNSET, UNSET, {0, 0, 0}, 0, 0},
      {"the smallest stack, a larger guard", UNSET, 1 << 18, {0, 0, 0}, 0, 0},
      {"the smallest stack, no guard", UNSET, 0, {0, 0, 0}, 0, 0},
  };
  const int count = sizeof cases / sizeof *cases;
  for (int which = count - 3; which < count; ++which) cases[which].stack = small_stack();
  pthread_barrier_init(&looked, 0, 2);
  pthread_mutex_lock(&end);
  for (int which = 0; which < count; ++which) try_case(&cases[which]);
  try_own_stack();
  try_least();
  try_c11();
  try_new_default();
  try_impossible();
  try_first_thread();
  leave_at_once(0);
}
