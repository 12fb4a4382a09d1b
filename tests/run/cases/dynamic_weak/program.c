// Which definitions the program, a look-up and libc itself are bound to. libc binds its own malloc where a strong one
// takes the place of the weak one here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int first_is_weak(void);
int only_weak(void);

static unsigned calls;

// Bound by libc, which wants a block for its own use.
__attribute__((weak)) void* malloc(size_t size) {
  void* (*libcs)(size_t) = (void* (*)(size_t))dlsym(RTLD_NEXT, "malloc");
  ++calls;
  return libcs(size);
}

static int looked_up(const char* name) {
  int (*function)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, name);
  return function ? function() : -1;
}

int main(void) {
  char line[100];
  setvbuf(stdout, line, _IOLBF, sizeof line);
  char* text = NULL;
  unsigned before = calls;
  int length = asprintf(&text, "%d", 12345);
  printf("libc calls the program's malloc: %d\n", length == 5 && calls != before);
  printf("weak before strong: %d\n", first_is_weak());
  printf("weak alone: %d\n", only_weak());
  printf("looked up, weak before strong: %d\n", looked_up("first_is_weak"));
  if (!dlopen("liblater.so", RTLD_NOW | RTLD_GLOBAL)) puts(dlerror());
  printf("looked up, weak before a strong one of an opened object: %d\n", looked_up("only_weak"));
  return 0;
}
