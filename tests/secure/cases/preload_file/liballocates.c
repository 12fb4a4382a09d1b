// An allocator that ends the process when it is given memory of another one.
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static _Alignas(16) char memory[8 << 20];
static size_t used;

static void check(const char* at) {
  static const char kSentence[] = "memory of another allocator\n";
  if (at >= memory && at < memory + used) return;
  if (write(1, kSentence, sizeof kSentence - 1) > 0) _exit(3);
}

void* malloc(size_t size) {
  size_t whole = (size + 31) & ~(size_t)15;  // the size stands in front
  size_t from = __atomic_fetch_add(&used, whole, __ATOMIC_RELAXED);
  if (from + whole > sizeof memory) return 0;
  memcpy(memory + from, &size, sizeof size);
  return memory + from + 16;
}

void free(void* at) {
  if (at != 0) check((char*)at);
}

void* calloc(size_t count, size_t size) { return malloc(count * size); }

void* realloc(void* before, size_t size) {
  void* after = malloc(size);
  if (before == 0 || after == 0) return after;
  check((char*)before);
  size_t kept;
  memcpy(&kept, (char*)before - 16, sizeof kept);
  return memcpy(after, before, kept < size ? kept : size);
}

int allocations(void) { return used != 0; }
