// A thread is told of before its start function runs and forgotten in the last round of its
// thread-specific destructors: by then other destructors have used their thread-local storage, and
// their stack.
#include "ldso/threads/threads.h"

#include <span>

#include "ldso/abi/exports.h"
#include "ldso/dl/fork.h"
#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/threads/dynamic_tls.h"

extern "C" constinit int64_t thread_words_offset = 0;

namespace ldseal {

constinit Lock threads_lock;
constinit ThreadRecord* thread_records = nullptr;

namespace {

constexpr unsigned kDestructorRounds = 4;  // PTHREAD_DESTRUCTOR_ITERATIONS of glibc and musl
constexpr int kNoMemory = 12, kTryAgain = 11, kNotSupported = 38;  // errno: ENOMEM, EAGAIN, ENOSYS
constexpr int kThreadError = 2, kThreadNoMemory = 3;  // <threads.h>: thrd_error, thrd_nomem

constinit bool has_slots = false;  // does ThreadWords have them?

// The first thread's record needs no memory, and the thread is known from the start.
constinit ThreadRecord first_thread = {};

// Threads that have not begun.
constinit ThreadRecord* starting_threads = nullptr;

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

void link(ThreadRecord& record, ThreadRecord*& list) {
  record.previous = nullptr;
  record.next = list;
  if (list != nullptr) list->previous = &record;
  list = &record;
}

void unlink(ThreadRecord& record, ThreadRecord*& list) {
  if (record.next != nullptr) record.next->previous = record.previous;
  (record.previous != nullptr ? record.previous->next : list) = record.next;
}

void let_go(ThreadRecord* record) {
  if (record == &first_thread) return;
  if (__atomic_sub_fetch(&record->holders, 1, __ATOMIC_ACQ_REL) != 0) return;
  heap::release(record, sizeof(ThreadRecord));
}

void end_thread(ThreadRecord& record) {
  ThreadWords& words = thread_words();
  if (words.dlerror_state != nullptr) heap::release(words.dlerror_state, words.dlerror_state->size);
  lift_guard(record.guard);
  threads_lock.lock();
  unlink(record, thread_records);
  release_blocks(record);
  words.block_count = 0;
  words.blocks = nullptr;
  words.dlerror_state = nullptr;
  for (void*& slot : std::span(words.slots, has_slots ? kTlsSlots : 0)) slot = nullptr;
  words.record = kEnded;
  threads_lock.unlock();
  let_go(&record);
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

// Makes `record`, which is in no list, the calling thread's. Where nobody will tell us of the
// thread's end, the record stays, and the thread's memory is left alone.
void begin_thread(ThreadRecord& record) {
  thread_words().record = &record;
  bool is_followed = follow_to_its_end(record);
  Held held(threads_lock);
  if (is_followed) record.pointer = thread_pointer();
  link(record, thread_records);
  start_with_initial_values();
}

// The same for a thread of the program's. Its guard needs someone to lift it.
void begin_started_thread(ThreadRecord& record) {
  threads_lock.lock();
  unlink(record, starting_threads);
  threads_lock.unlock();
  record.handle = thread_functions().self();
  begin_thread(record);
  if (record.pointer != 0) place_guard(record.guard);
}

// In the new thread: nothing of ours stays on its stack below the program's function.
template <class Returned>
Returned run_thread(void* value) {
  auto* record = static_cast<ThreadRecord*>(value);
  auto* start = reinterpret_cast<Returned (*)(void*)>(record->start);
  void* argument = record->argument;
  begin_started_thread(*record);
  [[clang::musttail]] return start(argument);
}

ThreadRecord* new_record() {
  auto* record = static_cast<ThreadRecord*>(heap::allocate(sizeof(ThreadRecord)));
  if (record != nullptr) record->holders = 1;
  return record;
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
  link(*record, thread_records);
  return record;
}

ThreadRecord* record_for_new_thread(void* start, void* argument) {
  follow_forks();
  ThreadRecord* record = new_record();
  if (record == nullptr) return nullptr;
  record->start = start;
  record->argument = argument;
  record->holders = 2;
  Held held(threads_lock);
  link(*record, starting_threads);
  return record;
}

// The thread never began.
void take_back(ThreadRecord* record) {
  threads_lock.lock();
  unlink(*record, starting_threads);
  threads_lock.unlock();
  heap::release(record, sizeof(ThreadRecord));
}

// The answer is pthread_create's.
int create_thread(ThreadHandle* thread, const void* attributes, void* (*run)(void*), void* start,
                  void* argument) {
  const ThreadFunctions& libc = thread_functions();
  if (libc.create == nullptr) return kNotSupported;
  ThreadRecord* record = record_for_new_thread(start, argument);
  if (record == nullptr) return kTryAgain;
  StackAttributes changed(attributes);
  record->guard = changed.guard();
  int answer = libc.create(thread, changed.pointer(), run, record);
  if (answer != 0) {
    take_back(record);
    return answer;
  }
  tell_top(record->guard, *thread);
  if (record->handle == 0) record->handle = *thread;
  let_go(record);
  return 0;
}

// What libc's own thrd_create makes of it.
int thrd_answer(int answer) {
  bool is_musl = process.runtime.family == LibcFamily::kMusl;
  if (answer == 0) return 0;
  return answer == kNoMemory || (is_musl && answer == kTryAgain) ? kThreadNoMemory : kThreadError;
}

// With threads_lock held.
ThreadRecord* record_with(ThreadHandle handle) {
  for (ThreadRecord* list : {thread_records, starting_threads}) {
    for (ThreadRecord* r = list; r != nullptr; r = r->next) {
      if (r->handle == handle) return r;
    }
  }
  return nullptr;
}

}  // namespace

void set_up_threads(const TlsLayout& layout) {
  thread_words_offset = layout.words;
  set_up_stack_guards(layout);
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

// Their memory is libc's to use again, for stacks too.
void forget_other_threads() {
  ThreadRecord* own = thread_words().record;
  if (own == nullptr && thread_pointer() == first_thread.pointer) own = &first_thread;
  for_each_thread([&](ThreadRecord& r) {
    if (&r != own) lift_guard(r.guard);
  });
  thread_records = starting_threads = nullptr;
  if (own != nullptr && own != kEnded) link(*own, thread_records);
}

}  // namespace ldseal

using namespace ldseal;

int pthread_create(unsigned long* thread, const void* attributes, void* (*start)(void*),
                   void* argument) {
  return create_thread(thread, attributes, run_thread<void*>, reinterpret_cast<void*>(start),
                       argument);
}

// libc's own differs from pthread_create in the type of the function alone: of the word that a thread leaves behind,
// thrd_join takes the part that an int fills.
int thrd_create(unsigned long* thread, int (*start)(void*), void* argument) {
  auto* run = reinterpret_cast<void* (*)(void*)>(run_thread<int>);
  return thrd_answer(create_thread(thread, nullptr, run, reinterpret_cast<void*>(start), argument));
}

int pthread_getattr_np(unsigned long thread, void* attributes) {
  const ThreadFunctions& libc = thread_functions();
  if (libc.attributes_of == nullptr) return kNotSupported;
  int answer = libc.attributes_of(thread, attributes);
  if (answer != 0) return answer;
  StackGuard guard;
  {
    Held held(threads_lock);
    if (const ThreadRecord* record = record_with(thread)) guard = record->guard;
  }
  show_guard(attributes, guard);
  return 0;
}
