// The user with number nought has a name.

#include <grp.h>
#include <pwd.h>
#include <stdio.h>

int main(void) {
  struct passwd* user = getpwuid(0);
  struct group* group = getgrgid(0);
  printf("%s %s %s\n", user ? user->pw_name : "(none)", user ? user->pw_dir : "(none)",
         group ? group->gr_name : "(none)");
  return 0;
}
