// What code does that runs in a namespace of its own.

#include "spaces.h"

static void* handle;

static void say_answer(const char* function) {
  const char* (*ask)(void) = found(handle, function);
  say_text(function, ask());
}

static int names_of_program(struct dl_phdr_info* info, size_t size, void* count) {
  *(int*)count += strstr(info->dlpi_name, "libinside") != 0;
  return 0;
}

static int open_for(int number) {
  void* counter = opened("libcounter.so", RTLD_NOW);
  number += answer(counter, "count_on");
  closed(counter);
  return number + (int)space_of(counter = opened("libcounter.so", RTLD_NOW));
}

int main(void) {
  const char* functions[] = {"catch_one", "open_missing", "missing_symbol",
                             "compute",   "look_up",      "catch_one"};
  handle = opened_apart("libinside.so");
  for (unsigned n = 0; n < sizeof functions / sizeof *functions; ++n) say_answer(functions[n]);
  const char* (*list)(void) = found(handle, "list");
  const char* names = list();
  claim("it sees its own",
        strstr(names, "libinside.so") && strstr(names, "libc.so.6") && !strstr(names, "program"));
  int count = 0;
  dl_iterate_phdr(names_of_program, &count);
  say_number("the program sees", count);
  void* (*open_math)(void) = found(handle, "open_math");
  void* math = open_math();
  say_number("a handle from inside is in", space_of(math));
  double (*floor_of)(double) = found(math, "floor");
  say_number("floor", (long)floor_of(2.5));
  closed(math);
  int (*call_back)(int (*)(int), int) = found(handle, "call_back");
  say_number("called back", call_back(open_for, 40));
  closed(handle);
  return 0;
}
