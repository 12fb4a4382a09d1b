// A failed open leaves objects that were open as they were.

#include "unchanged.h"

int main(void) {
  void* below = opened("libbelow.so", RTLD_NOW);
  say_number("before", answer(below, "next"));
  fails_without_a_trace("libincomplete.so", RTLD_NOW | RTLD_GLOBAL);
  say_number("after", answer(below, "next"));
  claim("not made global", unknown(RTLD_DEFAULT, "next"));
  closed(below);
  claim("not held", !is_mapped("libbelow.so"));
  return 0;
}
