// A thread is told of before its start function runs and forgotten in the last round of its
// thread-specific destructors: by then other destructors have used their thread-local storage, and
// their stack.
#include "ldso/threads/threads.h"

#include <asm/errno.h>
#include <span>

#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

namespace ldseal {
namespace {

constexpr unsigned kDestructorRounds = 4;  // PTHREAD_DESTRUCTOR_ITERATIONS of glibc and musl

constinit bool has_slots = false;  // does ThreadArea have them?

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

// What stands in ThreadArea::record once the thread's last round is over. What it uses from then
// on stays.
ThreadRecord* const kEnded = reinterpret_cast<ThreadRecord*>(1);

template <class Function>
Function* from_libc(const char* name) {
  return reinterpret_cast<Function*>(libc_function(name).value);
}

void unref(ThreadRecord* record) {
  if (record == &first_thread) return;
  if (__atomic_sub_fetch(&record->holders, 1, __ATOMIC_ACQ_REL) != 0) return;
  heap::release(record, sizeof(ThreadRecord));
}

void end_thread(ThreadRecord& record) {
  ThreadArea& words = thread_area();
  if (words.dlerror_state != nullptr) heap::release(words.dlerror_state, words.dlerror_state->size);
  lift_guard(record.guard);
  threads_lock.lock();
  threads.remove(record);
  release_blocks(record);
  words.block_count = 0;
  words.blocks = nullptr;
  words.dlerror_state = nullptr;
  for (void*& slot : std::span(words.slots, has_slots ? kTlsSlots : 0)) slot = nullptr;
  words.record = kEnded;
  threads_lock.unlock();
  unref(&record);
}

void thread_specific_destructor(void* value) {
  auto* record = static_cast<ThreadRecord*>(value);
  if (++record->destructor_rounds < kDestructorRounds && exit_key.set(exit_key.key, record) == 0)
    return;
  end_thread(*record);
}

// False: no libc, or all its keys are in use.
bool make_exit_key() {
  LockGuard held(threads_lock);
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
  thread_area().record = &record;
  bool is_followed = follow_to_its_end(record);
  LockGuard held(threads_lock);
  if (is_followed) record.pointer = thread_pointer();
  threads.add(record);
  start_with_initial_values();
}

// The same for a thread of the program's. Its guard needs someone to lift it.
void begin_started_thread(ThreadRecord& record) {
  threads_lock.lock();
  starting_threads.remove(record);
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

// libc's thrd_create differs from its pthread_create in the type of the function alone: of the word
// that a thread leaves behind, thrd_join takes the part that an int fills.
using Runner = void* (*)(void*);
Runner runner(ThreadResult result) {
  return result == ThreadResult::kPointer ? run_thread<void*>
                                          : reinterpret_cast<Runner>(run_thread<int>);
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
  thread_area().record = record;
  LockGuard held(threads_lock);
  threads.add(*record);
  return record;
}

ThreadRecord* record_for_new_thread(const ThreadStart& start) {
  ThreadRecord* record = new_record();
  if (record == nullptr) return nullptr;
  record->start = start.function;
  record->argument = start.argument;
  record->holders = 2;
  LockGuard held(threads_lock);
  starting_threads.add(*record);
  return record;
}

// The thread never began.
void take_back(ThreadRecord* record) {
  threads_lock.lock();
  starting_threads.remove(*record);
  threads_lock.unlock();
  heap::release(record, sizeof(ThreadRecord));
}

}  // namespace

void set_up_threads(const TlsLayout& layout) {
  thread_words_offset = layout.words;
  set_up_stack_guards(layout);
  has_slots = layout.room == TlsRoom::kForOpened;
  first_thread.pointer = thread_pointer();
  threads.add(first_thread);
}

ThreadRecord* own_record() {
  ThreadArea& words = thread_area();
  if (words.record != nullptr && words.record != kEnded) return words.record;
  if (words.record == nullptr && thread_pointer() == first_thread.pointer) {
    words.record = &first_thread;
    follow_to_its_end(first_thread);
    return &first_thread;
  }
  return words.record == kEnded ? record_of_ended_thread() : record_of_libcs_thread();
}

void keep_until_thread_exit() { own_record(); }

int create_thread(ThreadHandle* thread, const void* attributes, const ThreadStart& start) {
  const ThreadFunctions& libc = thread_functions();
  if (libc.create == nullptr) return ENOSYS;
  ThreadRecord* record = record_for_new_thread(start);
  if (record == nullptr) return EAGAIN;
  StackAttributes changed(attributes);
  record->guard = changed.guard();
  int answer = libc.create(thread, changed.pointer(), runner(start.result), record);
  if (answer != 0) {
    take_back(record);
    return answer;
  }
  hand_over_stack_top(record->guard, *thread);
  if (record->handle == 0) record->handle = *thread;
  unref(record);
  return 0;
}

StackGuard guard_of(ThreadHandle thread) {
  LockGuard held(threads_lock);
  const ThreadRecord* record = threads.find(thread);
  if (record == nullptr) record = starting_threads.find(thread);
  return record == nullptr ? StackGuard() : record->guard;
}

void lock_threads_for_fork() { threads_lock.lock(); }
void unlock_threads_after_fork() { threads_lock.unlock(); }

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

}  // namespace ldseal
