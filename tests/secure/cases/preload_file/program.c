// Tells what of libinterposes.so it is bound to. argv[1] is that file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

static int count_copies(struct dl_phdr_info* info, size_t size, void* count) {
  (void)size;
  *(int*)count += strstr(info->dlpi_name, "libinterposes.so") != 0;
  return 0;
}

static void tell_counter(const char* of, void* handle) {
  int* counter = handle == 0 ? 0 : (int*)dlsym(handle, "puts_calls");
  printf("%s: %d\n", of, counter == 0 ? -1 : *counter);
}

int main(int count, char** arguments) {
  setvbuf(stdout, 0, _IONBF, 0);
  puts("program");
  int copies = 0;
  dl_iterate_phdr(count_copies, &copies);
  printf("copies: %d\n", copies);
  int* counter = (int*)dlsym(RTLD_DEFAULT, "puts_calls");
  printf("everybody's: %d\n", counter == 0 ? -1 : *counter);
  tell_counter("loaded", dlopen("libinterposes.so", RTLD_NOW | RTLD_NOLOAD));
  if (count > 1) tell_counter("opened", dlopen(arguments[1], RTLD_NOW));
  return 0;
}
