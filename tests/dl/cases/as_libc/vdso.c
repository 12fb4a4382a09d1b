// The vDSO is in every list, can be opened by its name, and has symbols.

#include "opens.h"

static const char* last_part(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int is_counted(struct dl_phdr_info* information, size_t size, void* count) {
  if (size >= sizeof *information)
    *(int*)count += strcmp(information->dlpi_name, "linux-vdso.so.1") == 0;
  return 0;
}

int main(void) {
  void* handle = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);
  int count = 0, place = 0;
  dl_iterate_phdr(is_counted, &count);
  say_number("seen by dl_iterate_phdr", count);
  say_number("opened", handle != 0);
  say_number("opened again", handle == dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_GLOBAL));
  say_number("has a clock",
             dlsym(handle, "__vdso_clock_gettime") || dlsym(handle, "__kernel_clock_gettime"));
  say_number("has no puts", dlsym(handle, "puts") == 0);
  for (struct link_map* l = _r_debug.r_map; l; l = l->l_next, ++place) {
    if (strcmp(last_part(l->l_name), "linux-vdso.so.1") != 0) continue;
    say_number("its place in the list", place);
    say_number("it is the handle", l == handle);
  }
  for (int n = 0; n < 3; ++n) say_number("closed", dlclose(handle));
  return 0;
}
