/* A library and a program whose first own code says what is sealed at that moment: the output is smaps, each
   time with a line "---" after it. */
#include <fcntl.h>
#include <unistd.h>

static void show_smaps(void) {
  char text[4096];
  int file = open("/proc/self/smaps", O_RDONLY);
  for (ssize_t got; (got = read(file, text, sizeof text)) > 0;)
    if (write(1, text, (size_t)got) != got) _exit(1);
  close(file);
  if (write(1, "---\n", 4) != 4) _exit(1);
}

#ifdef IN_LIBRARY
__attribute__((constructor)) static void first_constructor(void) { show_smaps(); }
int work(void) { return 0; }
#else
int work(void);
__attribute__((section(".preinit_array"), used)) static void (*const before_all)(void) = show_smaps;
int main(void) { return work(); }
#endif
