// Follows the life of threads, for the thread-local storage of dlopened objects and for guards.
// libc makes and ends threads. ld-seal learns of it because it wraps pthread_create(3) and
// thrd_create(3), and from the destructor of a thread-specific key.
#pragma once

#include "ldso/threads/thread_record.h"

namespace ldseal {

// Called once, at start-up, by the only thread.
void set_up_threads(const TlsLayout& layout);

// The calling thread's record. Makes one if it has none; null if there is no memory for it. May
// call libc: threads_lock must not be held.
ThreadRecord* current_record();
// Has the calling thread's ThreadArea::dlerror_state released when the thread ends.
void keep_until_thread_exit();

// What a thread runs: pthread_create takes a function that returns a pointer, thrd_create one that
// returns an int.
enum class ThreadResult : uint8_t { kPointer, kInt };
struct ThreadStart {
  void* function;
  void* argument;
  ThreadResult result;
};
// Creates a thread by libc's pthread_create(3), with a record, and with a guard of ld-seal's where
// that is better (stack_guards.h). `attributes` is a pthread_attr_t or null. Returns 0 or an errno:
// that of pthread_create, EAGAIN without memory for the record, ENOSYS without a libc.
int create_thread(ThreadHandle* thread, const void* attributes, const ThreadStart& start);

// Changes `attributes`, which libc's pthread_getattr_np(3) has filled, to what they would be with a
// guard of libc's. Takes threads_lock.
void show_guard_of(ThreadHandle thread, void* attributes);

// In the child of fork(2): the other threads are forgotten.
void resume_threads_in_child();

}  // namespace ldseal
