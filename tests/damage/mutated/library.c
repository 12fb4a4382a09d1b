/* What random mutations are made in: symbols in two versions, thread-local storage, relocations of every common kind,
 * a constructor, and an entry, so that it can be started as a program too. No libc. */
extern int from_needed(void);
extern int undefined_weak(void) __attribute__((weak));

__thread int counter = 5;
static __thread long own_counter[4];
int data = 7;
int* pointer = &data;
void* weak_pointer = (void*)undefined_weak;

int alpha(void) { return from_needed() + counter; }
int beta_old(void) { return 1; }
int beta_new(void) { return 2; }
__asm__(".symver beta_old,beta@V1");
__asm__(".symver beta_new,beta@@V2");
long* own(void) { return own_counter; }

static const void* table[2] = {&data, (void*)alpha};
static void construct(void) { pointer = (int*)table[0]; }
__attribute__((section(".init_array"), used)) static void (*constructor)(void) = construct;

void start(void) { __asm__ volatile("syscall" ::"a"(231), "D"(42L)); } /* exit_group(42) */
