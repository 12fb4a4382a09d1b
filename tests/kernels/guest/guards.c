/* How many threads have a guard under their stack: the kernel answers EFAULT to who has it read there. On glibc and
   musl. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { kThreads = 8 };

static int ends[2];

static void* look(void* is_guarded) {
  pthread_attr_t attributes;
  void* lowest;
  size_t size, guard;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return NULL;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  const char* last = (const char*)lowest - 1;
  const char* first = (const char*)lowest - guard;
  return guard != 0 && write(ends[1], first, 1) < 0 && write(ends[1], last, 1) < 0 ? is_guarded : NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  int guarded = 0;
  if (pipe(ends) != 0) return 1;
  for (int n = 0; n < kThreads; ++n)
    if (pthread_create(&threads[n], NULL, look, ends) != 0) return 2;
  for (int n = 0; n < kThreads; ++n) {
    void* value;
    if (pthread_join(threads[n], &value) != 0) return 3;
    guarded += value == ends;
  }
  printf("guarded %d of %d\n", guarded, kThreads);
  return 0;
}
