// A failed open gives its TLS module back.

#include "unchanged.h"

static size_t module_of(void* handle) {
  size_t module = 0;
  dlinfo(handle, RTLD_DI_TLS_MODID, &module);
  return module;
}

int main(void) {
  void* handle = opened("libstorage.so", RTLD_NOW);
  size_t before = module_of(handle);
  closed(handle);
  for (int round = 0; round < 50; ++round)
    if (!refused("libincomplete.so", RTLD_NOW)) give_up("did not refuse", "libincomplete.so");
  handle = opened("libstorage.so", RTLD_NOW);
  claim("the same module number", module_of(handle) == before);
  say_number("fresh", answer(handle, "next"));
  return 0;
}
