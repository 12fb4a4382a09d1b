// A thread is registered before its start function, and unregistered in the last round of
// thread-specific destructors, when other destructors no longer need its thread-local storage or
// its stack.
#include "ldso/threads/threads.h"

#include <asm/errno.h>
#include <bit>
#include <span>

#include "ldso/base/lifetime.h"
#include "ldso/mem/heap.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

namespace ldseal {
namespace {

constexpr unsigned kDestructorRounds = 4;  // PTHREAD_DESTRUCTOR_ITERATIONS of glibc and musl

LDSEAL_FINAL constinit bool has_slots = false;  // does ThreadArea have slots?

// The thread-specific key (pthread_key_create(3)) whose destructor runs when a thread ends.
enum class KeyState : uint8_t { kUnasked, kMade, kRefused };
struct ExitKey {
  KeyState state;
  uint32_t key;
  int (*set)(uint32_t, const void*);
};
LDSEAL_RECORD constinit ExitKey exit_key = {};

template <class Function>
Function* from_libc(const char* name) {
  return reinterpret_cast<Function*>(libc_function(name).value);
}

// Between pthread_create(3) and its start a thread's function stands in memory that may be written.
// Without the key no other one can be put there, as with libc's pointer guard.
LDSEAL_FINAL constinit uintptr_t start_key = 0;
constexpr int kStartRotation = 17;

uintptr_t hide_start(void* function) {
  return std::rotl(reinterpret_cast<uintptr_t>(function) ^ start_key, kStartRotation);
}
uintptr_t shown_start(uintptr_t hidden) { return std::rotr(hidden, kStartRotation) ^ start_key; }

// AT_RANDOM is the address of 16 random bytes. libc uses both halves for other keys.
void choose_start_key(Address random) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  if (random.value == 0) return;
  uint64_t halves[2];
  __builtin_memcpy(halves, random.as<const void>(), sizeof halves);
  start_key = halves[0] * kOdd + std::rotl(halves[1], 32);
}

void unref(ThreadRecord* record) {
  if (record == &first_thread) return;
  if (__atomic_sub_fetch(&record->holders, 1, __ATOMIC_ACQ_REL) != 0) return;
  heap.release(record, sizeof(ThreadRecord));
}

void end_thread(ThreadRecord& record) {
  ThreadArea& area = thread_area();
  if (area.dlerror_state != nullptr) heap.release(area.dlerror_state, area.dlerror_state->size);
  threads_lock.lock();
  record.is_ending = true;
  threads_lock.unlock();
  lift_guard(record.guard);  // still in the list: a child of fork has to lift it, too
  threads_lock.lock();
  threads.remove(record);
  release_blocks(record);
  area.block_count = 0;
  area.blocks = nullptr;
  area.dlerror_state = nullptr;
  for (void*& slot : std::span(area.slots, has_slots ? kTlsSlots : 0)) slot = nullptr;
  area.record = kEnded;
  threads_lock.unlock();
  unref(&record);
}

void thread_specific_destructor(void* value) {
  auto* record = static_cast<ThreadRecord*>(value);
  if (++record->destructor_rounds < kDestructorRounds && exit_key.set(exit_key.key, record) == 0)
    return;
  end_thread(*record);
}

// Makes the key at the first call. False: there is no libc, or all keys are in use.
bool make_exit_key() {
  LockGuard held(threads_lock);
  if (exit_key.state != KeyState::kUnasked) return exit_key.state == KeyState::kMade;
  RecordChange change;
  auto* create = from_libc<int(uint32_t*, void (*)(void*))>("pthread_key_create");
  exit_key.set = from_libc<int(uint32_t, const void*)>("pthread_setspecific");
  bool made = create != nullptr && exit_key.set != nullptr &&
              create(&exit_key.key, thread_specific_destructor) == 0;
  exit_key.state = made ? KeyState::kMade : KeyState::kRefused;
  return made;
}

// Has thread_specific_destructor() run when the calling thread ends; false if that is not possible.
// pthread_setspecific(3) may call the program's malloc, so threads_lock must not be held.
bool follow_to_its_end(ThreadRecord& record) {
  return make_exit_key() && exit_key.set(exit_key.key, &record) == 0;
}

// Makes `record`, which is in no list but perhaps that of starting threads, the record of the
// calling thread. If ld-seal cannot learn when the thread ends, the record is never released, and
// ld-seal does not write to the thread's memory.
void begin_thread(ThreadRecord& record) {
  thread_area().record = &record;
  bool is_followed = follow_to_its_end(record);
  LockGuard held(threads_lock);
  if (is_followed) record.pointer = thread_pointer();
  starting_threads.remove(record);
  threads.add(record);
  start_with_initial_values();
}

// The same for a thread that the program created. Until then its creator finds it among those that
// start. The guard is placed only if ld-seal learns when the thread ends, because it must be
// removed then.
void begin_started_thread(ThreadRecord& record) {
  record.handle = thread_functions().self();
  begin_thread(record);
  if (record.pointer != 0) place_guard(record.guard);
}

// What libc runs in the new thread. It jumps to the program's function and leaves no frame of
// ld-seal on the stack.
template <class Returned>
Returned run_thread(void* value) {
  auto* record = static_cast<ThreadRecord*>(value);
  auto* start = reinterpret_cast<Returned (*)(void*)>(shown_start(record->start));
  void* argument = record->argument;
  record->start = 0;
  begin_started_thread(*record);
  [[clang::musttail]] return start(argument);
}

// libc's thrd_create runs the same code as its pthread_create; only the type of the function
// differs. thrd_join takes the low half of the register in which the function returns an int.
using Runner = void* (*)(void*);
Runner runner(ThreadResult result) {
  return result == ThreadResult::kPointer ? run_thread<void*>
                                          : reinterpret_cast<Runner>(run_thread<int>);
}

ThreadRecord* new_record() {
  auto* record = static_cast<ThreadRecord*>(heap.allocate(sizeof(ThreadRecord)));
  if (record != nullptr) record->holders = 1;
  return record;
}

// Makes the record of a thread that libc made by itself and that uses a dynamic block for the first
// time.
ThreadRecord* record_of_libcs_thread() {
  ThreadRecord* record = new_record();
  if (record != nullptr) begin_thread(*record);
  return record;
}

// Makes a new record for a thread whose record is released already: a destructor that runs after
// ours, or a signal handler, uses a dynamic block again. The new record is never released.
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
  record->start = hide_start(start.function);
  record->argument = start.argument;
  record->holders = 2;
  LockGuard held(threads_lock);
  starting_threads.add(*record);
  return record;
}

// Undoes record_for_new_thread() for a thread that could not be created.
void take_back(ThreadRecord* record) {
  threads_lock.lock();
  starting_threads.remove(*record);
  threads_lock.unlock();
  heap.release(record, sizeof(ThreadRecord));
}

}  // namespace

void set_up_threads(const TlsLayout& layout) {
  thread_words_offset = layout.words;
  set_up_stack_guards(layout);
  has_slots = layout.room == TlsRoom::kForOpened;
  choose_start_key(Address(process.stack.value(AT_RANDOM)));
  first_thread.pointer = thread_pointer();
  threads.add(first_thread);
}

ThreadRecord* current_record() {
  ThreadArea& area = thread_area();
  if (area.record != nullptr && area.record != kEnded) return area.record;
  if (area.record == nullptr && thread_pointer() == first_thread.pointer) {
    area.record = &first_thread;
    follow_to_its_end(first_thread);
    return &first_thread;
  }
  return area.record == kEnded ? record_of_ended_thread() : record_of_libcs_thread();
}

void keep_until_thread_exit() { current_record(); }

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

void show_guard_of(ThreadHandle thread, void* attributes) {
  LockGuard held(threads_lock);
  ThreadRecord* record = threads.find(thread);
  if (record == nullptr) record = starting_threads.find(thread);
  if (record == nullptr) return;
  if (!record->is_ending) move_to_low_end(record->guard, attributes);
  show_guard(attributes, record->guard);
}

void resume_threads_in_child() {
  threads_lock.resume_in_child();
  forget_other_makers_of_guards();
}

}  // namespace ldseal
