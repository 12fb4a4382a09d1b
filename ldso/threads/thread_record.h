// ld-seal's records of threads, and the lists of them. libc makes and ends threads (threads.h). A
// record leads to its thread's DTV, which are its blocks of thread-local storage of opened modules,
// and to its guard.
#pragma once

#include "arch/native.h"
#include "ldso/base/lifetime.h"
#include "ldso/link/tls_layout.h"
#include "ldso/process/libc_threads.h"
#include "ldso/sys/lock.h"
#include "ldso/threads/stack_guards.h"

namespace ldseal {

// A thread's dynamic thread vector (ELF Handling For Thread-Local Storage): the pointers to its
// blocks, by the id of the opened module. A larger vector replaces a smaller one. The smaller one
// stays until the thread ends, because a signal handler may replace it while the thread is reading
// it.
struct Dtv {
  Dtv* before;
  uint64_t capacity;  // how many pointers follow the struct
  void** blocks() { return reinterpret_cast<void**>(this + 1); }
};

// A record is made before its thread's start function runs, and released after the last
// thread-specific destructor. A thread that libc makes by itself (timers, aio) gets a record when
// it first uses a dynamic block.
struct ThreadRecord {
  ThreadRecord* next;
  ThreadRecord* previous;
  // The thread pointer. 0: ld-seal does not learn when the thread ends, so it never writes to its
  // memory.
  uintptr_t pointer;
  Dtv* table;
  unsigned destructor_rounds;
  uintptr_t start;  // the function that the thread is to run, as threads.cc hides it
  void* argument;
  StackGuard guard;
  bool is_ending;       // the guard is the thread's own business again
  ThreadHandle handle;  // pthread_t; 0: not known yet
  // How many refer to the record: the thread, and its creator while it is in pthread_create. The
  // last one to drop its reference releases the record.
  unsigned holders;
};

// Guards all records and what tls_modules.cc keeps about modules. Taken after the loader's lock. In
// a child of fork(2) that a signal handler has made in the middle of a change, the other threads
// are forgotten when the change is complete.
class ThreadsLock : private Lock {
 public:
  constexpr ThreadsLock() = default;
  using Lock::lock;
  void unlock();
  void resume_in_child();

 private:
  bool must_forget_ = false;
};
extern ThreadsLock threads_lock;
// The offset of ThreadArea from the thread pointer, in bytes. arch/<m>/tls.S reads it.
extern "C" LDSEAL_FINAL int64_t thread_words_offset;

inline ThreadArea& area_at(uintptr_t pointer) {
  return *reinterpret_cast<ThreadArea*>(pointer + static_cast<uintptr_t>(thread_words_offset));
}
// The ThreadArea of the calling thread.
inline ThreadArea& thread_area() { return area_at(thread_pointer()); }

// With threads_lock held, all of it. `for_each` finds it in order after every single store.
class ThreadList {
 public:
  constexpr ThreadList() = default;

  void add(ThreadRecord& record);
  void remove(ThreadRecord& record);
  void clear() { first_ = nullptr; }
  // The record of the thread with this handle; null if the list has none.
  ThreadRecord* find(ThreadHandle handle) const;

  // Calls `visit(ThreadRecord&)` for each.
  template <class Visit>
  void for_each(Visit visit) const {
    for (ThreadRecord* r = first_; r != nullptr; r = r->next) visit(*r);
  }

 private:
  ThreadRecord* first_ = nullptr;
};

// The first thread's needs no memory, and the thread is known from the start.
extern ThreadRecord first_thread;
// What stands in ThreadArea::record once the thread's last round is over. What it uses from then
// on stays.
inline ThreadRecord* const kEnded = reinterpret_cast<ThreadRecord*>(1);

// The threads that have begun, and those that libc has been asked for and that have not begun.
extern ThreadList threads;
extern ThreadList starting_threads;

}  // namespace ldseal
