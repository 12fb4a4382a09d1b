// _r_debug's list has an opened object and loses it when it is closed.

#include "opens.h"

static int listed(const char* name) {
  int count = 0;
  for (struct link_map* map = _r_debug.r_map; map; map = map->l_next)
    count += strstr(map->l_name, name) != 0;
  return count;
}

int main(void) {
  say_number("before", listed("libnamed.so"));
  void* handle = opened("libnamed.so", RTLD_NOW);
  say_number("open", listed("libnamed.so"));
  claim("consistent", _r_debug.r_state == RT_CONSISTENT);
  closed(handle);
  say_number("closed", listed("libnamed.so"));
  claim("consistent again", _r_debug.r_state == RT_CONSISTENT);
  return 0;
}
