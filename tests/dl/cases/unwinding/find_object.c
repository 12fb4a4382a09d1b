// _dl_find_object finds the object of an address, the unwind table in it, and nothing when it is
// closed.

#include "opens.h"

int main(void) {
  struct dl_find_object result;
  void* handle = opened("libfindable.so", RTLD_NOW);
  char* function = found(handle, "function");
  say_number("found", _dl_find_object(function, &result));
  claim("it is inside",
        (char*)result.dlfo_map_start <= function && function < (char*)result.dlfo_map_end);
  claim("its link_map", result.dlfo_link_map == handle);
  claim("its unwind table",
        result.dlfo_eh_frame > result.dlfo_map_start && result.dlfo_eh_frame < result.dlfo_map_end);
  say_number("the program", _dl_find_object((void*)main, &result));
  claim("the program's name", result.dlfo_link_map->l_name[0] == 0);
  say_number("libc", _dl_find_object((void*)OPAQUE(strtol), &result));
  claim("libc's name", strstr(result.dlfo_link_map->l_name, "libc.so.6") != 0);
  say_number("the stack", _dl_find_object(&result, &result));
  say_number("nothing", _dl_find_object(0, &result));
  closed(handle);
  say_number("closed", _dl_find_object(function, &result));
  return 0;
}
