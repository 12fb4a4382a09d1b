// Has a symbol in two versions, a variable, and thread-local storage.

__thread long of_thread = 11;
long variable = 22;
int named(void) { return 33; }

int old_one(void) { return 1; }
int new_one(void) { return 2; }
__asm__(".symver old_one, versioned@ONE_1");
__asm__(".symver new_one, versioned@@ONE_2");

long* address_of_thread(void) { return &of_thread; }
