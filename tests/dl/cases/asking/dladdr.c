// dladdr names the object and the symbol of an address in an opened object.

#include "opens.h"

int main(void) {
  void* handle = opened("libnamed.so", RTLD_NOW);
  void* function = found(handle, "function");
  Dl_info here, inside, data;
  claim("known", dladdr(function, &here) != 0);
  say_text("file", here.dli_fname);
  say_text("symbol", here.dli_sname);
  claim("its address", here.dli_saddr == function);
  claim("inside it", dladdr(((void* (*)(void))found(handle, "inside"))(), &inside) != 0);
  say_text("symbol inside", inside.dli_sname);
  claim("the start of it", inside.dli_saddr == function);
  claim("the same base", inside.dli_fbase == here.dli_fbase);
  claim("an ELF header there", memcmp(here.dli_fbase, "\177ELF", 4) == 0);
  claim("inside data", dladdr(((void* (*)(void))found(handle, "inside_data"))(), &data) != 0);
  say_text("data", data.dli_sname);
  return 0;
}
