// Opens a library with initial-exec storage and uses all of it, also in a thread that is started
// later.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char* (*storage_of_this_thread)(void);
static size_t size;

static void* use(void* argument) {
  char* storage = storage_of_this_thread();
  for (size_t at = 0; at < size; ++at) {
    if (storage[at] != 0) puts("not zero");
  }
  memset(storage, 1, size);
  return argument;
}

int main(int argc, char** argv) {
  pthread_t thread;
  void* library = argc == 3 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (library == NULL) return puts("refused"), 1;
  size = strtoul(argv[2], NULL, 10);
  *(void**)&storage_of_this_thread = dlsym(library, "storage_of_this_thread");
  use(NULL);
  if (pthread_create(&thread, NULL, use, NULL) != 0 || pthread_join(thread, NULL) != 0) return 2;
  puts("used");
  return 0;
}
