// Says hello and how much of its executable memory is sealed: the flag "sl" in /proc/self/smaps.
#include <stdio.h>
#include <string.h>

int main(void) {
  FILE* mappings = fopen("/proc/self/smaps", "r");
  if (mappings == NULL) return 1;
  char line[1024];
  int executable = 0, sealed = 0, is_executable = 0;
  while (fgets(line, sizeof line, mappings) != NULL) {
    char protection[5];
    if (sscanf(line, "%*x-%*x %4s", protection) == 1) is_executable = protection[2] == 'x';
    if (strncmp(line, "VmFlags:", 8) != 0 || !is_executable) continue;
    executable++;
    sealed += strstr(line, " sl") != NULL;
  }
  fclose(mappings);
  printf("hello: %d of %d executable mappings are sealed\n", sealed, executable);
  return 0;
}
