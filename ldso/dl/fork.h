// What ld-seal does around fork(2), so that the child has its locks free and the lists complete,
// whatever another thread was doing.
#pragma once

namespace ldseal {

// Registers handlers of fork(2) with libc (pthread_atfork(3)); later calls do nothing. Call it
// before the first thread is created and before a dlopened object's code runs; if a start-up object
// is bound to a function of ld-seal, before any constructor. Call it without a lock, because libc
// holds the lock of its list of handlers as long as another thread forks. libc runs prepare
// handlers in reverse order of registration, and child and parent handlers in order. So in the
// child ours comes first, and other handlers may create threads and open objects.
void follow_forks();

}  // namespace ldseal
