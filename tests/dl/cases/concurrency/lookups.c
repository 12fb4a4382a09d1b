// Look-ups are right while other objects come and go.

#include "together.h"

static void* handle;

static void* work(void* unused) {
  Dl_info information;
  for (int round = 0; round < kRounds * 10; ++round) {
    void* stable = dlsym(handle, "stable");
    expect(stable && ((int (*)(void))stable)() == 77);
    expect(dlsym(RTLD_DEFAULT, "strlen") != 0);
    expect(dlsym(handle, "no_such_thing") == 0 && dlerror() != 0);
    expect(dladdr(stable, &information) && strstr(information.dli_fname, "libstable.so"));
  }
  return unused;
}

int main(void) {
  handle = opened("libstable.so", RTLD_NOW);
  pthread_t guests = in_background(come_and_go);
  together(4, work);
  until_now(guests);
  say_number("wrong", wrong);
  return 0;
}
