// libc opens a module of the name service switch. argv[1] is the folder that it is in, under another
// name; what argv[2] names is opened by the program before.
#define _GNU_SOURCE
#include <grp.h>
#include <pwd.h>

#include "opens.h"

int __nss_configure_lookup(const char* database, const char* sources);

static int count_modules(struct dl_phdr_info* info, size_t size, void* count) {
  (void)size;
  *(int*)count += strstr(info->dlpi_name, "libnss_told") != 0;
  return 0;
}

int main(int count, char** arguments) {
  char path[4096];
  snprintf(path, sizeof path, "%s/libnss_told.so.2", arguments[1]);
  if (symlink("libnss_told.so", path) != 0 && access(path, F_OK) != 0) return 1;
  if (count > 2) opened(arguments[2], RTLD_NOW | RTLD_GLOBAL);
  dlopen("libnothing.so", RTLD_NOW);
  __nss_configure_lookup("passwd", "absent told");
  struct passwd* user = getpwnam("somebody");
  say_number("number", user == 0 ? -1 : (long)user->pw_uid);
  claim("dlerror tells what the program asked for", strstr(dlerror(), "libnothing.so") != 0);
  __nss_configure_lookup("group", "missing");
  getgrnam("anybody");
  claim("and nothing of what libc did not find", dlerror() == 0);
  int modules = 0;
  dl_iterate_phdr(count_modules, &modules);
  say_number("modules", modules);
  return 0;
}
