// A thread is told of before its start function runs and forgotten in the last round of its
// thread-specific destructors: by then other destructors have used their thread-local storage.
#include "ldso/run/threads.h"

#include <span>

#include "ldso/mem/heap.h"
#include "ldso/run/dlerror.h"
#include "ldso/run/dynamic_tls.h"
#include "ldso/run/exports.h"
#include "ldso/run/fork.h"
#include "ldso/run/process.h"

extern "C" constinit int64_t thread_words_offset = 0;

namespace ldseal {

constinit Lock threads_lock;
constinit ThreadRecord* thread_records = nullptr;

namespace {

constexpr unsigned kDestructorRounds = 4;  // PTHREAD_DESTRUCTOR_ITERATIONS of glibc and musl
constexpr int kTryAgain = 11, kNotSupported = 38;     // errno: EAGAIN, ENOSYS
constexpr int kThreadError = 2, kThreadNoMemory = 3;  // <threads.h>: thrd_error, thrd_nomem

constinit bool has_slots = false;  // does ThreadWords have them?

// The first thread's record needs no memory, and the thread is known from the start.
constinit ThreadRecord first_thread = {};

// The key whose destructor tells us that a thread ends.
enum class KeyState : uint8_t { kUnasked, kMade, kRefused };
struct ExitKey {
  KeyState state;
  uint32_t key;
  int (*set)(uint32_t, const void*);
};
constinit ExitKey exit_key = {};

// What stands in ThreadWords::record once the thread's last round is over. What it uses from then
// on stays.
ThreadRecord* const kEnded = reinterpret_cast<ThreadRecord*>(1);

template <class Function>
Function* from_libc(const char* name) {
  return reinterpret_cast<Function*>(libc_function(process, name).value);
}

void link(ThreadRecord& record) {
  record.previous = nullptr;
  record.next = thread_records;
  if (thread_records != nullptr) thread_records->previous = &record;
  thread_records = &record;
}

void unlink(ThreadRecord& record) {
  if (record.next != nullptr) record.next->previous = record.previous;
  (record.previous != nullptr ? record.previous->next : thread_records) = record.next;
}

void release_record(ThreadRecord* record) {
  if (record != &first_thread) heap::release(record, sizeof(ThreadRecord));
}

void end_thread(ThreadRecord& record) {
  ThreadWords& words = thread_words();
  release_dlerror(words.dlerror_state);
  threads_lock.lock();
  unlink(record);
  release_blocks(record);
  words.block_count = 0;
  words.blocks = nullptr;
  words.dlerror_state = nullptr;
  for (void*& slot : std::span(words.slots, has_slots ? kTlsSlots : 0)) slot = nullptr;
  words.record = kEnded;
  threads_lock.unlock();
  release_record(&record);
}

void thread_specific_destructor(void* value) {
  auto* record = static_cast<ThreadRecord*>(value);
  if (++record->destructor_rounds < kDestructorRounds && exit_key.set(exit_key.key, record) == 0)
    return;
  end_thread(*record);
}

// False: no libc, or all its keys are in use.
bool make_exit_key() {
  Held held(threads_lock);
  if (exit_key.state != KeyState::kUnasked) return exit_key.state == KeyState::kMade;
  auto* create = from_libc<int(uint32_t*, void (*)(void*))>("pthread_key_create");
  exit_key.set = from_libc<int(uint32_t, const void*)>("pthread_setspecific");
  bool made = create != nullptr && exit_key.set != nullptr &&
              create(&exit_key.key, thread_specific_destructor) == 0;
  exit_key.state = made ? KeyState::kMade : KeyState::kRefused;
  return made;
}

// Calls libc, which may call the program's malloc: not with the lock held.
bool follow_to_its_end(ThreadRecord& record) {
  return make_exit_key() && exit_key.set(exit_key.key, &record) == 0;
}

// Makes `record` the calling thread's. Where nobody will tell us of the thread's end, the record
// stays, and the thread's memory is left alone.
void begin_thread(ThreadRecord& record) {
  thread_words().record = &record;
  bool is_followed = follow_to_its_end(record);
  Held held(threads_lock);
  if (is_followed) record.pointer = thread_pointer();
  link(record);
  start_with_initial_values();
}

// In the new thread: nothing of ours stays on its stack below the program's function.
template <class Returned>
Returned run_thread(void* value) {
  auto* record = static_cast<ThreadRecord*>(value);
  auto* start = reinterpret_cast<Returned (*)(void*)>(record->start);
  void* argument = record->argument;
  begin_thread(*record);
  [[clang::musttail]] return start(argument);
}

ThreadRecord* new_record() {
  return static_cast<ThreadRecord*>(heap::allocate(sizeof(ThreadRecord)));
}

// A thread that libc made by itself, which uses a dynamic block for the first time.
ThreadRecord* record_of_libcs_thread() {
  ThreadRecord* record = new_record();
  if (record != nullptr) begin_thread(*record);
  return record;
}

// A destructor after our last one, or a signal handler, uses a dynamic block again: nobody will
// release it.
ThreadRecord* record_of_ended_thread() {
  ThreadRecord* record = new_record();
  if (record == nullptr) return nullptr;
  thread_words().record = record;
  Held held(threads_lock);
  link(*record);
  return record;
}

ThreadRecord* record_for_new_thread(void* start, void* argument) {
  follow_forks();
  ThreadRecord* record = new_record();
  if (record == nullptr) return nullptr;
  record->start = start;
  record->argument = argument;
  return record;
}

}  // namespace

void set_up_threads(const TlsLayout& layout) {
  thread_words_offset = layout.words;
  has_slots = layout.room == TlsRoom::kForOpened;
  first_thread.pointer = thread_pointer();
  thread_records = &first_thread;
}

ThreadRecord* own_record() {
  ThreadWords& words = thread_words();
  if (words.record != nullptr && words.record != kEnded) return words.record;
  if (words.record == nullptr && thread_pointer() == first_thread.pointer) {
    words.record = &first_thread;
    follow_to_its_end(first_thread);
    return &first_thread;
  }
  return words.record == kEnded ? record_of_ended_thread() : record_of_libcs_thread();
}

void keep_until_thread_exit() { own_record(); }

void lock_threads_for_fork() { threads_lock.lock(); }
void unlock_threads_after_fork() { threads_lock.unlock(); }

// Their memory is libc's to use again.
void forget_other_threads() {
  ThreadRecord* own = thread_words().record;
  if (own == nullptr && thread_pointer() == first_thread.pointer) own = &first_thread;
  thread_records = nullptr;
  if (own != nullptr && own != kEnded) link(*own);
}

}  // namespace ldseal

using namespace ldseal;

int pthread_create(unsigned long* thread, const void* attributes, void* (*start)(void*),
                   void* argument) {
  using Create = int(unsigned long*, const void*, void* (*)(void*), void*);
  auto* create = from_libc<Create>("pthread_create");
  if (create == nullptr) return kNotSupported;
  ThreadRecord* record = record_for_new_thread(reinterpret_cast<void*>(start), argument);
  if (record == nullptr) return kTryAgain;
  int answer = create(thread, attributes, run_thread<void*>, record);
  if (answer != 0) release_record(record);
  return answer;
}

int thrd_create(unsigned long* thread, int (*start)(void*), void* argument) {
  using Create = int(unsigned long*, int (*)(void*), void*);
  auto* create = from_libc<Create>("thrd_create");
  if (create == nullptr) return kThreadError;
  ThreadRecord* record = record_for_new_thread(reinterpret_cast<void*>(start), argument);
  if (record == nullptr) return kThreadNoMemory;
  constexpr int kSuccess = 0;
  int answer = create(thread, run_thread<int>, record);
  if (answer != kSuccess) release_record(record);
  return answer;
}
