// A thread makes and ends namespaces, another has libc open its own modules, a third opens and closes; children of forks
// open, walk over the objects and end. rtld's locks, which the first thread holds at times, are of no matter to them.

#define _GNU_SOURCE
#include <iconv.h>
#include <sys/wait.h>

#include "../concurrency/together.h"

static atomic_int namespaces, conversions;

static void* make_namespaces(void* unused) {
  while (!atomic_load(&stop)) {
    void* handle = dlmopen(LM_ID_NEWLM, "libguest0.so", RTLD_NOW);
    expect(handle && dlsym(handle, "guest"));
    expect(handle && dlclose(handle) == 0);
    atomic_fetch_add(&namespaces, 1);
  }
  return unused;
}

static void* convert(void* unused) {
  static const char* const names[] = {"UTF-16", "EUC-JP", "KOI8-R", "CP1252"};
  for (int n = 0; !atomic_load(&stop); n = (n + 1) % 4) {
    iconv_t converter = iconv_open("UTF-8", names[n]);
    if (converter != (iconv_t)-1) iconv_close(converter);
    atomic_fetch_add(&conversions, 1);
  }
  return unused;
}

static int count(struct dl_phdr_info* info, size_t size, void* number) {
  (void)size;
  *(int*)number += info->dlpi_phnum != 0;
  return 0;
}

static int child(int number) {
  int objects = 0;
  alarm(20);
  char name[40];
  snprintf(name, sizeof name, "libguest%d.so", number % 4);
  void* handle = dlopen(name, RTLD_NOW);
  if (!handle || answer(handle, "guest") != number % 4 * 100 + 1) return 2;
  dl_iterate_phdr(count, &objects);
  return objects < 4;
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 300;
  pthread_t threads[] = {in_background(make_namespaces), in_background(convert),
                         in_background(come_and_go)};
  for (int round = 0; round < rounds; ++round) {
    int status = -1;
    pid_t process = fork();
    if (process == 0) _exit(child(round));
    waitpid(process, &status, 0);
    expect(status == 0);
  }
  atomic_store(&stop, 1);
  for (int n = 0; n < 3; ++n) joined(threads[n]);
  claim("namespaces were made", atomic_load(&namespaces) != 0);
  claim("libc has opened modules", atomic_load(&conversions) != 0);
  say_number("wrong", atomic_load(&wrong));
  return 0;
}
