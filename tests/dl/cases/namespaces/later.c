// More is opened in a namespace that exists: by name, by path, and what is there already.

#include "spaces.h"

int main(int argc, char** argv) {
  void* first = opened_apart("libcounter.so");
  Lmid_t space = space_of(first);
  claim("not another one", dlmopen(space, "libowner.so", RTLD_NOW | RTLD_NOLOAD) == 0);
  void* owner = opened_in(space, "libowner.so", RTLD_LAZY);
  say_number("it is in", space_of(owner) - space);
  say_number("counts", answer(first, "count_on"));
  say_number("the owner counts", answer(owner, "owner_counts"));
  void* again = opened_in(space, "libcounter.so", RTLD_NOW | RTLD_NOLOAD);
  void* by_path = opened_in(space, argv[1], RTLD_NOW);
  claim("one object", again == first && by_path == first);
  say_number("close", dlclose(first));
  say_number("close", dlclose(again));
  say_number("counts", answer(by_path, "count_on"));
  say_number("close", dlclose(by_path));
  say_number("the owner counts", answer(owner, "owner_counts"));
  say_number("close", dlclose(owner));
  void* next = opened_apart("libcounter.so");
  say_number("the next is in", space_of(next) - space);
  say_number("counts anew", answer(next, "count_on"));
  closed(next);
  return argc != 2;
}
