// A library whose constructor waits for a thread that throws, walks the objects and uses TLS.

#include <link.h>
#include <pthread.h>

static thread_local int own[1000] = {5};
static int result;

static int count(struct dl_phdr_info*, size_t, void* objects) {
  ++*(int*)objects;
  return 0;
}

static void* work(void*) {
  int objects = 0;
  dl_iterate_phdr(count, &objects);
  try {
    throw own[0];
  } catch (int number) {
    result = number + (objects > 3);
  }
  return nullptr;
}

__attribute__((constructor)) static void begin() {
  pthread_t thread;
  pthread_create(&thread, nullptr, work, nullptr);
  pthread_join(thread, nullptr);
}

extern "C" int seen() { return result; }
