/* Stacks that libc keeps and gives to other threads, which want other guards and other sizes: no guard is missing, and
   none is left where the next thread has its stack. With the argument "fork" also in a child. */
#include <semaphore.h>
#include <time.h>

static sem_t alive, end;
static int wrong;

static void *use(void *argument) {
  struct Stack stack = stack_of(pthread_self());
  if (stack.guard != (size_t)argument) count_one(&wrong);
  if (stack.guard != 0 && !is_guarded(&stack)) count_one(&wrong);
  use_all(&stack);
  return 0;
}

static void *stay(void *argument) {
  use(argument);
  sem_post(&alive);
  sem_wait(&end);
  return 0;
}

static pthread_t begin(void *(*work)(void *), size_t stack, size_t guard) {
  pthread_attr_t attributes;
  make_attributes(&attributes, stack, guard);
  pthread_t thread = started(&attributes, work, (void *)guard);
  pthread_attr_destroy(&attributes);
  return thread;
}

/* Every order of two shapes of stack, several alive at a time. */
static void mix(void) {
  enum { kStacks = 3, kGuards = 4, kShapes = kStacks * kGuards, kAtATime = 3 };
  const size_t stacks[kStacks] = {1 << 18, 3 << 18, 1 << 20};
  const size_t guards[kGuards] = {0, page_size(), 4 * page_size(), 1 << 19};
  for (int first = 0; first < kShapes; ++first) {
    for (int second = 0; second < kShapes; ++second) {
      pthread_t threads[kAtATime];
      for (int which = 0; which < kAtATime; ++which)
        threads[which] = begin(use, stacks[first % kStacks], guards[first / kStacks]);
      for (int which = 0; which < kAtATime; ++which) joined(threads[which]);
      joined(begin(use, stacks[second % kStacks], guards[second / kStacks]));
    }
  }
}

static void on_timer(union sigval value) {
  struct Stack stack = stack_of(pthread_self());
  (void)value;
  use_all(&stack);
  sem_post(&alive);
}

/* libc makes a thread by itself, on a stack that it keeps. */
static void use_timer(void) {
  pthread_attr_t attributes;
  struct sigevent event;
  struct itimerspec soon;
  timer_t timer;
  memset(&event, 0, sizeof event);
  memset(&soon, 0, sizeof soon);
  make_attributes(&attributes, 1 << 20, UNSET);
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = on_timer;
  event.sigev_notify_attributes = &attributes;
  soon.it_value.tv_nsec = 1000000;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) give_up("make a timer");
  for (int time = 0; time < 5; ++time) {
    timer_settime(timer, 0, &soon, 0);
    while (sem_wait(&alive) != 0) continue;
  }
  timer_delete(timer);
}

/* In the child the other threads' stacks are libc's to give away. */
static void fork_beside_threads(void) {
  enum { kThreads = 12 };
  pthread_t threads[kThreads];
  int status = -1;
  for (int which = 0; which < kThreads; ++which) {
    threads[which] = begin(stay, 1 << 20, which % 2 == 0 ? page_size() : 1 << 19);
    while (sem_wait(&alive) != 0) continue;
  }
  pid_t child = fork();
  if (child == 0) {
    mix();
    leave_at_once(wrong);
  }
  if (waitpid(child, &status, 0) != child) give_up("wait for a child");
  say_number("wrong in a child", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  for (int which = 0; which < kThreads; ++which) sem_post(&end);
  for (int which = 0; which < kThreads; ++which) joined(threads[which]);
}

int main(int argc, char **argv) {
  sem_init(&alive, 0, 0);
  sem_init(&end, 0, 0);
  mix();
  say_number("wrong", wrong);
  use_timer();
  say("libc's own threads have their stacks");
  mix();
  say_number("wrong after them", wrong);
  if (argc > 1 && strcmp(argv[1], "fork") == 0) fork_beside_threads();
  mix();
  say_number("wrong at the end", wrong);
  return wrong != 0;
}
