// See thread_record.h.
#include "ldso/threads/thread_record.h"

extern "C" constinit int64_t thread_words_offset = 0;

namespace ldseal {

constinit ThreadsLock threads_lock;
constinit ThreadList threads;
constinit ThreadList starting_threads;
constinit ThreadRecord first_thread = {};

void ThreadList::add(ThreadRecord& record) {
  record.previous = nullptr;
  record.next = first_;
  if (first_ != nullptr) first_->previous = &record;
  __atomic_store_n(&first_, &record, __ATOMIC_RELEASE);
}

void ThreadList::remove(ThreadRecord& record) {
  if (record.next != nullptr) record.next->previous = record.previous;
  if (record.previous != nullptr) {
    __atomic_store_n(&record.previous->next, record.next, __ATOMIC_RELEASE);
  } else if (first_ == &record) {  // else a child of fork(2) has cleared the list
    __atomic_store_n(&first_, record.next, __ATOMIC_RELEASE);
  }
}

ThreadRecord* ThreadList::find(ThreadHandle handle) const {
  ThreadRecord* record = first_;
  while (record != nullptr && record->handle != handle) record = record->next;
  return record;
}

namespace {

// Their memory is libc's to use again, for stacks too.
void forget_other_threads() {
  ThreadRecord* own = thread_area().record;
  if (own == nullptr && thread_pointer() == first_thread.pointer) own = &first_thread;
  threads.for_each([&](ThreadRecord& r) {
    if (&r != own) lift_guard(r.guard);
  });
  threads.clear();
  starting_threads.clear();
  if (own != nullptr && own != kEnded) threads.add(*own);
}

}  // namespace

void ThreadsLock::unlock() {
  if (must_forget_) forget_other_threads();
  must_forget_ = false;
  Lock::unlock();
}

void ThreadsLock::resume_in_child() {
  forget_other_holder();
  must_forget_ = is_mine();
  if (!must_forget_) forget_other_threads();
}

}  // namespace ldseal
