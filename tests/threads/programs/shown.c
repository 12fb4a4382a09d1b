/* Prints, of one live thread, where its guard is by libc's word ("told START END") and each range of it that the kernel
   shows as a guard ("shown START END", PAGEMAP_SCAN), and how many mappings there are. With an argument the thread's
   stack is locked by mlockall. Without it a child of fork and a sealed stack are looked at, too. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* struct pm_scan_arg and struct page_region of <linux/fs.h>, newer than these headers. */
struct Scan {
  uint64_t size, flags, start, end, walk_end, ranges, range_count, most_pages;
  uint64_t inverted, all_of, any_of, returned;
};
struct Region {
  uint64_t start, end, categories;
};
enum { kIsGuard = 1 << 8 }; /* PAGE_IS_GUARD */

static pthread_barrier_t barrier;
static struct Stack stack;

static void* wait_twice(void* argument) {
  stack = stack_of(pthread_self());
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  return argument;
}

static void show(const char* what) {
  struct Region regions[16];
  int file = open("/proc/self/pagemap", O_RDONLY);
  struct Scan scan = {sizeof scan,
                      0,
                      (uintptr_t)stack.lowest - (1 << 20),
                      (uintptr_t)stack.top,
                      0,
                      (uintptr_t)regions,
                      16,
                      0,
                      0,
                      kIsGuard,
                      0,
                      kIsGuard};
  long count = ioctl(file, _IOWR('f', 16, struct Scan), &scan);
  if (count < 0) printf("%s not possible: %s\n", what, strerror(errno));
  for (long which = 0; which < count; ++which)
    printf("%s %lx %lx\n", what, (long)regions[which].start, (long)regions[which].end);
  close(file);
}

int main(int argc, char** argv) {
  pthread_attr_t attributes;
  (void)argv;
  setvbuf(stdout, 0, _IONBF, 0);
  pthread_barrier_init(&barrier, 0, 2);
  if (argc > 1) mlockall(MCL_FUTURE);
  make_attributes(&attributes, 1 << 20, 3 * page_size());
  pthread_t thread = started(&attributes, wait_twice, 0);
  pthread_barrier_wait(&barrier);
  printf("told %lx %lx\n", (long)(stack.lowest - stack.guard), (long)stack.lowest);
  show("shown");
  printf("guarded %d\n", is_guarded(&stack));
  pthread_barrier_wait(&barrier);
  joined(thread);
  show("left");
  return 0;
}
