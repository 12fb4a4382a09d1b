// dladdr knows the program, libc and the object that was linked, and nothing of the stack.

#include "opens.h"

int exported(void) { return 1; }

int function(void);

int main(void) {
  Dl_info own, libc, linked, none;
  int on_stack;
  claim("the program", dladdr((void*)exported, &own) != 0);
  say_text("its symbol", own.dli_sname);
  claim("libc", dladdr((void*)OPAQUE(strtol), &libc) != 0);
  say_text("its symbol", libc.dli_sname);
  claim("libc's file", strstr(libc.dli_fname, "libc") || strstr(libc.dli_fname, "ld-musl"));
  claim("the linked object", dladdr((void*)OPAQUE(function), &linked) != 0);
  say_text("its file", last_component(linked.dli_fname));
  claim("not the stack", dladdr(&on_stack, &none) == 0);
  claim("not the heap", dladdr(malloc(100), &none) == 0);
  claim("not nothing", dladdr(0, &none) == 0);
  return 0;
}
