// Has SIZE bytes of initial-exec thread-local storage, as allocators have it.
static __thread char storage[SIZE] __attribute__((tls_model("initial-exec")));
char* storage_of_this_thread(void) { return storage; }
