// The threads of the process, as far as thread-local storage of opened objects needs them: libc
// makes and ends them, we are told by wrapping pthread_create(3) and thrd_create(3), and by a
// thread-specific key's destructor.
#pragma once

#include "arch/native.h"
#include "ldso/link/tls_layout.h"
#include "ldso/process/libc_threads.h"
#include "ldso/sys/lock.h"
#include "ldso/threads/stack_guards.h"

namespace ldseal {

// A thread's pointers to its dynamic blocks. A bigger table replaces it; it then stays until the
// thread ends, because a signal handler may have made the bigger one while the thread was reading
// this one.
struct BlockTable {
  BlockTable* before;
  uint64_t capacity;  // the pointers follow
  void** blocks() { return reinterpret_cast<void**>(this + 1); }
};

// Lives from before the thread's first instruction to after its last thread-specific destructor; of
// a thread that libc made by itself, from its first use of a dynamic block.
struct ThreadRecord {
  ThreadRecord* next;
  ThreadRecord* previous;
  uintptr_t
      pointer;  // the thread pointer; 0: nobody tells us when the thread ends, its memory is not ours to write
  BlockTable* table;
  unsigned destructor_rounds;
  void* start;  // the function that the thread is to run
  void* argument;
  StackGuard guard;
  ThreadHandle handle;  // 0: not known yet
  unsigned
      holders;  // the thread, and who is in pthread_create for it; the last releases the record
};

// Guards all records and what dynamic_tls.cc keeps about modules. Taken after the loader's lock.
extern Lock threads_lock;
// Where ThreadWords is from the thread pointer; arch/<m>/tls.S reads it.
extern "C" int64_t thread_words_offset;

inline ThreadWords& words_at(uintptr_t pointer) {
  return *reinterpret_cast<ThreadWords*>(pointer + static_cast<uintptr_t>(thread_words_offset));
}
// The calling thread's.
inline ThreadWords& thread_words() { return words_at(thread_pointer()); }

// Once, at start-up, by the only thread.
void set_up_threads(const TlsLayout& layout);

// The calling thread's record, made now where it has none. Null: no memory.
ThreadRecord* own_record();
// The calling thread's ThreadWords::dlerror_state is released when it ends.
void keep_until_thread_exit();

// Calls `visit(ThreadRecord&)` for each thread that is known. With threads_lock held.
extern ThreadRecord* thread_records;
template <class Visit>
void for_each_thread(Visit visit) {
  for (ThreadRecord* r = thread_records; r != nullptr; r = r->next) visit(*r);
}

// Around fork(2), after the loader's lock and before the heap's; in the child the other threads are
// forgotten.
void lock_threads_for_fork();
void unlock_threads_after_fork();
void forget_other_threads();

}  // namespace ldseal
