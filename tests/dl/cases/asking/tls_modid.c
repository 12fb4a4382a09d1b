// dlinfo gives the TLS module and, once it is used, this thread's block.

#include "opens.h"

static int seen_in_list;
static size_t module;

static int look(struct dl_phdr_info* information, size_t size, void* unused) {
  (void)size;
  (void)unused;
  seen_in_list +=
      information->dlpi_tls_modid == module && strstr(information->dlpi_name, "libown") != 0;
  return 0;
}

int main(void) {
  size_t none = 99;
  void *data = &none, *handle = opened("libown.so", RTLD_NOW);
  say_number("without TLS", dlinfo(opened("libnamed.so", RTLD_NOW), RTLD_DI_TLS_MODID, &none));
  say_number("its module", none);
  say_number("with TLS", dlinfo(handle, RTLD_DI_TLS_MODID, &module));
  claim("a module", module > 0);
  dl_iterate_phdr(look, 0);
  say_number("seen by dl_iterate_phdr", seen_in_list);
  dlinfo(handle, RTLD_DI_TLS_DATA, &data);
  claim("no block before the first use", data == 0);
  char* variable = found(handle, "variable");
  say_number("block", dlinfo(handle, RTLD_DI_TLS_DATA, &data));
  claim("the variable is in it", variable >= (char*)data && variable < (char*)data + 64);
  return 0;
}
