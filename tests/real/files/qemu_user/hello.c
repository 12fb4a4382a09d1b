#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
int main(int count, char **words) {
  struct utsname name;
  uname(&name);
  printf("hello %s from %s\n", words[count - 1], name.machine);
  return 7;
}
