// libgcc_s, which libc opens when a thread leaves by pthread_exit, is an object like any other.
#include "opens.h"

static int count_unwinders(struct dl_phdr_info* info, size_t size, void* count) {
  (void)size;
  *(int*)count += strstr(info->dlpi_name, "/libgcc_s.so.1") != 0;
  return 0;
}

static int unwinders(void) {
  int count = 0;
  dl_iterate_phdr(count_unwinders, &count);
  return count;
}

static int unwinders_in_link_map(void) {
  struct link_map* map = 0;
  dlinfo(dlopen(0, RTLD_NOW), RTLD_DI_LINKMAP, &map);
  int count = 0;
  for (; map != 0; map = map->l_next) count += strstr(map->l_name, "/libgcc_s.so.1") != 0;
  return count;
}

static void* leave(void* value) { pthread_exit(value); }

int main(void) {
  say_number("before", unwinders());
  say_number("left with", (long)joined(started(leave, (void*)3)));
  say_number("listed", unwinders());
  say_number("in link_map", unwinders_in_link_map());
  void* handle = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_NOLOAD);
  claim("it is loaded", handle != 0);
  Dl_info info = {0};
  claim("its functions are known",
        handle && dladdr(dlsym(handle, "_Unwind_Backtrace"), &info) != 0);
  say_text("name", info.dli_sname);
  void* again = opened("libgcc_s.so.1", RTLD_NOW);
  claim("opened again it is the same", again == handle);
  say_number("listed", unwinders());
  return 0;
}
