// What dlmopen refuses, in libc's words.

#include "spaces.h"

int main(int argc, char** argv) {
  void* handle = opened_apart("libcounter.so");
  Lmid_t space = space_of(handle);
  refuse_in(LM_ID_NEWLM, "libnowhere.so", RTLD_NOW);
  refuse_in(LM_ID_NEWLM, "/nowhere/libnowhere.so", RTLD_NOW);
  refuse_in(space, "libnowhere.so", RTLD_NOW);
  refuse_in(LM_ID_NEWLM, "libneedy.so", RTLD_NOW);
  refuse_in(LM_ID_NEWLM, "liblacking.so", RTLD_NOW);
  refuse_in(LM_ID_NEWLM, argv[1], RTLD_NOW);
  refuse_in(LM_ID_NEWLM, "libcounter.so", RTLD_NOW | RTLD_GLOBAL);
  refuse_in(space, "libcounter.so", RTLD_NOW | RTLD_GLOBAL);
  refuse_in(LM_ID_NEWLM, "libcounter.so", 0);
  refuse_in(LM_ID_NEWLM, 0, RTLD_NOW);
  refuse_in(space, 0, RTLD_NOW);
  refuse_in(space + 3, "libcounter.so", RTLD_NOW);
  refuse_in(77, "libcounter.so", RTLD_NOW);
  refuse_in(-9, "libcounter.so", RTLD_NOW);
  claim("not loaded", dlmopen(LM_ID_NEWLM, "libcounter.so", RTLD_NOW | RTLD_NOLOAD) == 0);
  say_text("no error", dlerror());
  say_number("counts", answer(handle, "count_on"));
  claim("an error before", dlmopen(LM_ID_NEWLM, "libnowhere.so", RTLD_NOW) == 0);
  claim("is forgotten", dlmopen(LM_ID_NEWLM, "libcounter.so", RTLD_NOW) != 0 && dlerror() == 0);
  return argc != 2;
}
