// What each call that succeeds leaves of the error before it.

#include "opens.h"

static void* handle;

static void after(const char* what) { say_text(what, dlerror() ? "the error before" : "nothing"); }

static void fail(void) { dlsym(handle, "does_not_exist"); }

int main(void) {
  struct link_map* map;
  Dl_info information;
  handle = opened("libone.so", RTLD_NOW);
  fail();
  dlsym(handle, "one");
  after("dlsym");
  fail();
  dlsym(RTLD_DEFAULT, "strlen");
  after("dlsym by default");
  fail();
  dladdr((void*)main, &information);
  after("dladdr");
  fail();
  dlinfo(handle, RTLD_DI_LINKMAP, &map);
  after("dlinfo");
  fail();
  dlopen(0, RTLD_NOW);
  after("dlopen of the program");
  fail();
  dlopen("libone.so", RTLD_NOW);
  after("dlopen");
  fail();
  dlclose(handle);
  after("dlclose");
  return 0;
}
