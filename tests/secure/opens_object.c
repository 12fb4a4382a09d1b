/* Opens the object that is named, lazily or at once, and ends with what its function `answer` gives. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **words) {
  if (count < 3) return 2;
  void *object = dlopen(words[1], strcmp(words[2], "now") == 0 ? RTLD_NOW : RTLD_LAZY);
  int (*answer)(void) = object ? (int (*)(void))dlsym(object, "answer") : NULL;
  if (!answer) return fprintf(stderr, "%s\n", dlerror()), 1;
  return answer();
}
