// getauxval gives the program's own values.

#include <elf.h>
#include <sys/auxv.h>

#include "observe.h"

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern char _start[] __attribute__((visibility("hidden")));

int main(void) {
  claim("AT_PHDR", getauxval(AT_PHDR) == (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
  claim("AT_ENTRY", getauxval(AT_ENTRY) == (unsigned long)_start);
  claim("AT_PHNUM", getauxval(AT_PHNUM) == __ehdr_start.e_phnum);
  say_number("AT_HWCAP", getauxval(AT_HWCAP));
  say_text("AT_PLATFORM", getauxval(AT_PLATFORM) ? (const char*)getauxval(AT_PLATFORM) : "none");
  return 0;
}
