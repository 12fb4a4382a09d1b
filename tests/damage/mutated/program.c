/* Linked to a fixed address: a COPY of `data` and a canonical PLT entry for `alpha`. Ends with 42 if both are right. */
extern int alpha(void);
extern int data;
int (*address)(void) = alpha;

void start(void) {
  __asm__ volatile("syscall" ::"a"(231), "D"((long)(data == 7 && address == alpha) * 42));
}
