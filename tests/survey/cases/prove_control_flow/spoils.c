// A program whose constructor does what its argument says to what sealctl looks at: the list of loaded objects, a file of
// the program's, or the program itself.
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern struct r_debug _r_debug;

static void spoil_list(const char* how) {
  struct link_map* first = _r_debug.r_map;
  if (strcmp(how, "circle") == 0) first->l_next = first;
  if (strcmp(how, "nowhere") == 0) first->l_next = (struct link_map*)0x10;
  if (strcmp(how, "section") == 0) first->l_ld = (ElfW(Dyn)*)0x10;
}

__attribute__((constructor)) static void begin(int count, char** words) {
  fputs("once", stdout);  // stays in the buffer until exit()
  if (count < 2) return;
  if (strcmp(words[1], "unlink") == 0) unlink(words[2]);
  if (strcmp(words[1], "become") == 0) execv(words[2], words + 2);
  if (strcmp(words[1], "end") == 0) _exit(0);
  if (strcmp(words[1], "list") == 0) spoil_list(words[2]);
}

// Nothing looks at the list before the end, which is without destructors.
int main(void) { _exit(0); }
