// dlinfo gives the search path of an object: its RUNPATH, then the default folders.

#include "opens.h"

int main(void) {
  Dl_serinfo size, *paths;
  void* handle = opened("libnamed.so", RTLD_NOW);
  say_number("size", dlinfo(handle, RTLD_DI_SERINFOSIZE, &size));
  paths = malloc(size.dls_size);
  dlinfo(handle, RTLD_DI_SERINFOSIZE, paths);
  say_number("paths", dlinfo(handle, RTLD_DI_SERINFO, paths));
  claim("as many", paths->dls_cnt == size.dls_cnt && size.dls_cnt > 1);
  say_text("first", last_component(paths->dls_serpath[0].dls_name));
  int usual = 0;
  for (unsigned n = 1; n < paths->dls_cnt; ++n)
    usual += strcmp(paths->dls_serpath[n].dls_name, "/lib") == 0;
  say_number("/lib", usual);
  return 0;
}
