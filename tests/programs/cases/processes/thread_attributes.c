// A thread's stack has the size that was asked for.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void* work(void* unused) {
  char much[200000];
  pthread_attr_t attributes;
  size_t size, guard;
  void* low;
  memset(much, 1, sizeof much);
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  printf("inside: %s\n", much > (char*)low && much < (char*)low + size ? "yes" : "NO");
  printf("size: %s\n", size >= 500000 && size < 700000 ? "yes" : "NO");
  printf("guard: %zu\n", guard);
  return unused;
}

int main(void) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 524288);
  pthread_attr_setguardsize(&attributes, 65536);
  pthread_create(&thread, &attributes, work, 0);
  pthread_join(thread, 0);
  return 0;
}
