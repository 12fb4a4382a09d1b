/* Threads under a collector (libgc) that stops them and scans their stacks: what only a stack points to must live, and
   the rest goes. */
#define GC_THREADS /* pthread_create and pthread_join are libgc's from here on */
#include <gc.h>

enum { kThreads = 8, kRounds = 40, kNodes = 400 };

struct Node {
  struct Node *next;
  long value;
  char filling[200];
};

static int finalized;

static void on_end(void *node, void *unused) {
  (void)node;
  (void)unused;
  __atomic_add_fetch(&finalized, 1, __ATOMIC_RELAXED);
}

/* A list that nothing but this frame holds. */
static long sum_of_a_list(long first) {
  struct Node *head = NULL;
  long sum = 0;
  for (long which = 0; which < kNodes; ++which) {
    struct Node *node = (struct Node *)GC_MALLOC(sizeof *node);
    node->next = head;
    node->value = first + which;
    head = node;
  }
  GC_REGISTER_FINALIZER(head, on_end, NULL, NULL, NULL);
  GC_gcollect();
  for (struct Node *node = head; node; node = node->next) sum += node->value;
  return sum;
}

static void *work(void *argument) {
  long sum = 0;
  struct Stack stack = stack_of(pthread_self());
  if (!is_guarded(&stack)) return (void *)-1;
  for (int round = 0; round < kRounds; ++round) sum += sum_of_a_list(round);
  (void)argument;
  return (void *)sum;
}

int main(void) {
  long expected = 0, right = 0;
  GC_INIT();
  for (int round = 0; round < kRounds; ++round)
    for (long which = 0; which < kNodes; ++which) expected += round + which;
  for (int time = 0; time < 3; ++time) {
    pthread_t threads[kThreads];
    for (int which = 0; which < kThreads; ++which)
      if (pthread_create(&threads[which], 0, work, 0) != 0) give_up("start a thread");
    for (int which = 0; which < kThreads; ++which) {
      void *sum = 0;
      pthread_join(threads[which], &sum);
      right += sum == (void *)expected;
    }
  }
  say_number("threads with a right sum", right);
  GC_gcollect();
  GC_invoke_finalizers();
  claim("much of it was collected", finalized > kThreads * kRounds);
  claim("the heap is small", GC_get_heap_size() < ((size_t)64 << 20));
  return 0;
}
