/* A seed: what tests/damage/mutated/library.c has not. References to the fuzzers' libneeded.so, an IFUNC, a protected
 * function, storage of threads in two models, and enough relative relocations for whole pages. No libc. */
extern int from_needed(void);
extern __thread int of_thread;
extern int unique;

static int one(void) { return 1; }
static int (*choose(void))(void) { return one; }
int chosen_here(void) __attribute__((ifunc("choose")));

__thread int near __attribute__((tls_model("initial-exec"))) = 3;
__thread int far = 4;

int protected_one(void) __attribute__((visibility("protected")));
int protected_one(void) { return 2; }

int (*pointers[160])(void) = {[0 ... 158] = protected_one, chosen_here};

int use(void) { return from_needed() + of_thread + near + far + unique + chosen_here(); }
void start(void) {}
