// The functions of <dlfcn.h> about an object of another namespace.

#include "spaces.h"

static void* versioned(void* handle, const char* version) {
  void* address = dlvsym(handle, "versioned", version);
  if (!address) say_text("no version", dlerror());
  return address;
}

static void ask_by_address(void* handle, void* address) {
  Dl_info info = {0};
  struct link_map* map = 0;
  const ElfW(Sym)* symbol = 0;
  claim("dladdr", dladdr(address, &info) != 0);
  say_text("file", last_component(info.dli_fname));
  say_text("symbol", info.dli_sname);
  claim("its address", info.dli_saddr == address);
  claim("link_map", dladdr1(address, &info, (void**)&map, RTLD_DL_LINKMAP) != 0 && map == handle);
  claim("entry",
        dladdr1(address, &info, (void**)&symbol, RTLD_DL_SYMENT) != 0 && symbol->st_value != 0);
}

static void ask_by_handle(void* handle) {
  struct link_map* map = 0;
  char origin[4096];
  Dl_serinfo size;
  const ElfW(Phdr)* headers = 0;
  say_number("RTLD_DI_LMID", space_of(handle));
  claim("RTLD_DI_LINKMAP", dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map == handle);
  say_text("l_name", last_component(map->l_name));
  claim("RTLD_DI_ORIGIN", dlinfo(handle, RTLD_DI_ORIGIN, origin) == 0);
  say_text("folder", last_component(origin));
  claim("RTLD_DI_SERINFOSIZE", dlinfo(handle, RTLD_DI_SERINFOSIZE, &size) == 0 && size.dls_cnt > 0);
  claim("RTLD_DI_PHDR", dlinfo(handle, RTLD_DI_PHDR, &headers) > 0 && headers != 0);
  say_number("no request", dlinfo(handle, 999, &size));
  say_text("because", dlerror());
}

static void ask_for_storage(void* handle) {
  long* (*address_of_thread)(void) = found(handle, "address_of_thread");
  long* variable = found(handle, "of_thread");
  size_t id = 0;
  void* block = 0;
  claim("one variable", variable == address_of_thread());
  say_number("its value", *variable);
  claim("RTLD_DI_TLS_MODID", dlinfo(handle, RTLD_DI_TLS_MODID, &id) == 0 && id != 0);
  claim("RTLD_DI_TLS_DATA",
        dlinfo(handle, RTLD_DI_TLS_DATA, &block) == 0 && block == (void*)variable);
}

int main(void) {
  void* handle = opened_apart("libasked.so");
  say_number("function", answer(handle, "named"));
  say_number("variable", *(long*)found(handle, "variable"));
  say_number("newest", answer(handle, "versioned"));
  claim("by version",
        versioned(handle, "ONE_1") != versioned(handle, "ONE_2") && !versioned(handle, "ONE_3"));
  claim("no symbol", unknown(handle, "nowhere"));
  dlsym(handle, "nowhere");
  say_text("because", dlerror());
  ask_by_address(handle, found(handle, "named"));
  ask_by_handle(handle);
  ask_for_storage(handle);
  claim("once", dlclose(handle) == 0 && dlerror() == 0);
  return 0;
}
