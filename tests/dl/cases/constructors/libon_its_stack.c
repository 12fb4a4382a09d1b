// A library whose constructor uses a megabyte of stack and asks whether that is the thread's own.

#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>

#include "observe.h"

static int holds;

__attribute__((constructor)) static void begin(void) {
  char much[1 << 20];
  pthread_attr_t attributes;
  size_t size = 0;
  void* low = 0;
  memset(much, 1, sizeof much);
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &low, &size);
  holds = OPAQUE(&much[0]) > (char*)low && &much[sizeof much - 1] < (char*)low + size;
}

int NAME(void) { return holds; }
