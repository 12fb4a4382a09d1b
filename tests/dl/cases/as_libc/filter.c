// Whose definition a filter's name is, linked or opened.

#include "opens.h"

int answer_of_both(void);
int only_of_the_filter(void);

int main(void) {
#ifdef OPENED
  void* handle = dlopen("libfilter.so", RTLD_NOW);
  say_number("opened", handle != 0);
  if (!handle) return say(dlerror()), 0;
  say_number("both", answer(handle, "answer_of_both"));
  say_number("only", answer(handle, "only_of_the_filter"));
  closed(handle);
  say_number("left", is_mapped("libfiltee.so"));
#else
  say_number("both", answer_of_both());
  say_number("only", only_of_the_filter());
#endif
  return 0;
}
