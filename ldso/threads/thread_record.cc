// See thread_record.h.
#include "ldso/threads/thread_record.h"

extern "C" constinit int64_t thread_words_offset = 0;

namespace ldseal {

constinit Lock threads_lock;
constinit ThreadList threads;
constinit ThreadList starting_threads;

void ThreadList::add(ThreadRecord& record) {
  record.previous = nullptr;
  record.next = first_;
  if (first_ != nullptr) first_->previous = &record;
  first_ = &record;
}

void ThreadList::remove(ThreadRecord& record) {
  if (record.next != nullptr) record.next->previous = record.previous;
  (record.previous != nullptr ? record.previous->next : first_) = record.next;
}

ThreadRecord* ThreadList::find(ThreadHandle handle) const {
  ThreadRecord* record = first_;
  while (record != nullptr && record->handle != handle) record = record->next;
  return record;
}

}  // namespace ldseal
