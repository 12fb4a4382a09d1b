// dl_iterate_phdr starts with the program, stops when told, and describes an opened object.

#include "opens.h"

static int first(struct dl_phdr_info* information, size_t size, void* argument) {
  (void)size;
  *(const char**)argument = information->dlpi_name;
  return 17;
}

static int describe(struct dl_phdr_info* information, size_t size, void* function) {
  (void)size;
  int inside = 0;
  for (int n = 0; n < information->dlpi_phnum; ++n) {
    const ElfW(Phdr)* header = &information->dlpi_phdr[n];
    uintptr_t start = information->dlpi_addr + header->p_vaddr;
    inside += header->p_type == PT_LOAD && (uintptr_t)function - start < header->p_memsz;
  }
  if (inside) say_text("the function is in", last_component(information->dlpi_name));
  return 0;
}

int main(void) {
  const char* name = "unset";
  say_number("told to stop", dl_iterate_phdr(first, &name));
  claim("the program first", name[0] == 0 || strcmp(last_component(name), "program") == 0);
  void* handle = opened("libnamed.so", RTLD_NOW);
  say_number("to the end", dl_iterate_phdr(describe, found(handle, "function")));
  return 0;
}
