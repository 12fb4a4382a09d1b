// The life of threads, as far as the thread-local storage of opened objects and guards need it:
// libc makes and ends them, we are told by wrapping pthread_create(3) and thrd_create(3), and by a
// thread-specific key's destructor.
#pragma once

#include "ldso/threads/thread_record.h"

namespace ldseal {

// Once, at start-up, by the only thread.
void set_up_threads(const TlsLayout& layout);

// The calling thread's record, made now where it has none. Null: no memory.
ThreadRecord* own_record();
// The calling thread's ThreadArea::dlerror_state is released when it ends.
void keep_until_thread_exit();

// What a thread runs: pthread_create's functions return a pointer, thrd_create's an int.
enum class ThreadResult : uint8_t { kPointer, kInt };
struct ThreadStart {
  void* function;
  void* argument;
  ThreadResult result;
};
// pthread_create(3), and its answer: with a record, and a guard of ours where that is better.
int create_thread(ThreadHandle* thread, const void* attributes, const ThreadStart& start);

// The guard of a thread; libc's where nothing is known of it.
StackGuard guard_of(ThreadHandle thread);

// Around fork(2), after the loader's lock and before the heap's; in the child the other threads are
// forgotten.
void lock_threads_for_fork();
void unlock_threads_after_fork();
void forget_other_threads();

}  // namespace ldseal
