// What is known of each thread, and the lists of them. libc makes and ends threads (threads.h); a
// record leads to the blocks of thread-local storage that its thread has of opened modules, and to
// its guard.
#pragma once

#include "arch/native.h"
#include "ldso/link/tls_layout.h"
#include "ldso/process/libc_threads.h"
#include "ldso/sys/lock.h"
#include "ldso/threads/stack_guards.h"

namespace ldseal {

// A thread's pointers to its dynamic blocks, by module id (the literature's DTV). A bigger table
// replaces it; it then stays until the thread ends, because a signal handler may have made the
// bigger one while the thread was reading this one.
struct Dtv {
  Dtv* before;
  uint64_t capacity;  // the pointers follow
  void** blocks() { return reinterpret_cast<void**>(this + 1); }
};

// Lives from before the thread's first instruction to after its last thread-specific destructor; of
// a thread that libc made by itself, from its first use of a dynamic block.
struct ThreadRecord {
  ThreadRecord* next;
  ThreadRecord* previous;
  // The thread pointer; 0: nobody tells us when the thread ends, its memory is not ours to write.
  uintptr_t pointer;
  Dtv* table;
  unsigned destructor_rounds;
  void* start;  // the function that the thread is to run
  void* argument;
  StackGuard guard;
  ThreadHandle handle;  // 0: not known yet
  // The thread, and who is in pthread_create for it; the last releases the record.
  unsigned holders;
};

// Guards all records and what tls_modules.cc keeps about modules. Taken after the loader's lock.
extern Lock threads_lock;
// Where ThreadArea is from the thread pointer; arch/<m>/tls.S reads it.
extern "C" int64_t thread_words_offset;

inline ThreadArea& words_at(uintptr_t pointer) {
  return *reinterpret_cast<ThreadArea*>(pointer + static_cast<uintptr_t>(thread_words_offset));
}
// The calling thread's.
inline ThreadArea& thread_area() { return words_at(thread_pointer()); }

// With threads_lock held, all of it.
class ThreadList {
 public:
  constexpr ThreadList() = default;

  void add(ThreadRecord& record);
  void remove(ThreadRecord& record);
  void clear() { first_ = nullptr; }
  // Null: it is not here.
  ThreadRecord* find(ThreadHandle handle) const;

  // Calls `visit(ThreadRecord&)` for each.
  template <class Visit>
  void for_each(Visit visit) const {
    for (ThreadRecord* r = first_; r != nullptr; r = r->next) visit(*r);
  }

 private:
  ThreadRecord* first_ = nullptr;
};

// Those that have begun, and those that have not.
extern ThreadList threads;
extern ThreadList starting_threads;

}  // namespace ldseal
