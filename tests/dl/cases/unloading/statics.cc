// Static objects are destroyed when their object is closed, once.

#include "opens.h"

int main() {
  void* handle = opened("libstatics.so", RTLD_NOW);
  say_number("value", answer(handle, "value"));
  closed(handle);
  say("closed");
  closed(opened("libstatics.so", RTLD_NOW));
  say("closed again");
  return 0;
}
