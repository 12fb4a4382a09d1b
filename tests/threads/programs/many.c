/* Starts as many threads as its argument says, all alive at once, and prints what that costs:
     mappings N       lines of /proc/self/maps that there are more
     page_tables N    KiB more of them (VmPTE)
     areas N          KiB of the kernel's vm_area_structs that there are more in the whole system; -1: not to be known
     guarded N        threads whose guard is there
   and ends them again. */
#include <semaphore.h>
#include <stdio.h>

static sem_t alive, end;
static int guarded;

static long lines_of(const char *path) {
  long lines = 0;
  FILE *file = fopen(path, "r");
  for (int c; (c = fgetc(file)) != EOF;) lines += c == '\n';
  fclose(file);
  return lines;
}

static long page_tables(void) {
  long kib = -1;
  char line[256];
  FILE *file = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, file))
    if (sscanf(line, "VmPTE: %ld", &kib) == 1) break;
  fclose(file);
  return kib;
}

static long areas(void) {
  long active, all, size;
  char line[512];
  FILE *file = fopen("/proc/slabinfo", "r");
  if (file == NULL) return -1;
  while (fgets(line, sizeof line, file))
    if (sscanf(line, "vm_area_struct %ld %ld %ld", &active, &all, &size) == 3) break;
  fclose(file);
  return active * size / 1024;
}

static void *live(void *argument) {
  struct Stack stack = stack_of(pthread_self());
  if (is_guarded(&stack)) count_one(&guarded);
  sem_post(&alive);
  while (sem_wait(&end) != 0) continue;
  return argument;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  pthread_t *threads = (pthread_t *)calloc((size_t)count, sizeof *threads);
  sem_init(&alive, 0, 0);
  sem_init(&end, 0, 0);
  long mappings_before = lines_of("/proc/self/maps"), tables_before = page_tables(), areas_before = areas();
  for (int which = 0; which < count; ++which) threads[which] = started(0, live, 0);
  for (int which = 0; which < count; ++which) sem_wait(&alive);
  long more_areas = areas();
  printf("mappings %ld\npage_tables %ld\n", lines_of("/proc/self/maps") - mappings_before, page_tables() - tables_before);
  printf("areas %ld\nguarded %d\n", more_areas < 0 ? -1 : more_areas - areas_before, guarded);
  for (int which = 0; which < count; ++which) sem_post(&end);
  for (int which = 0; which < count; ++which) joined(threads[which]);
  return 0;
}
