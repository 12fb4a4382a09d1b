// Guards under the stacks of the program's threads. libc is asked for a stack without a guard, in
// one piece, and the new thread puts the guard at the low end. In the page table (mem/guards.h) it
// splits no mapping, so many stacks are one mapping. If guards in the page table have no effect, or
// a mapping is better, PROT_NONE mappings are used.
//
// What the creator of a thread and the thread do (threads.cc has the two functions):
//
//   creator: create_thread()                        new thread: begin_started_thread()
//     makes the record, 2 holders
//     StackAttributes: guard size 0, larger stack
//     libc's pthread_create ----------------------->  moves the record to the list `threads`
//     hand_over_stack_top(),                          place_guard():
//       if the distance is not known yet:
//         asks libc for the stack's top,
//         writes StackGuard::top,
//         handshake = kWritten, futex wake --------->   waits while handshake is kCreatorWillWrite
//     drops its reference to the record                 makes the guard
//                                                     runs the program's function
//                                                     at its end: lift_guard(), drops its reference
//
// The creator fills the StackGuard before the thread exists. Afterwards it writes only `top` and
// `handshake`, and the thread all other members, `kind` last when it has placed the guard. From
// then on a caller that asks for the thread's attributes may move the guard, with threads_lock
// held.
#pragma once

#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/process/libc_threads.h"

namespace ldseal {

struct TlsLayout;

enum class GuardKind : uint8_t {
  kLibcs,      // libc makes it, or the thread has none
  kWanted,     // ld-seal makes it; not placed yet
  kPageTable,  // MADV_GUARD_INSTALL
  kMapping,    // PROT_NONE
  kFailed,     // neither was possible
  kCount
};

// Who makes guards in this process, and why. words/thread_text.cc has a text for each.
enum class GuardMaker : uint32_t { kUndecided, kPageTable, kMappings, kLibc, kCount };
enum class GuardReason : uint8_t {
  kNone,
  kOff,           // LDSEAL_GUARD=off
  kChosen,        // LDSEAL_GUARD=prot
  kExempt,        // a supervisor exempts the class `guards`
  kNotHeld,       // MADV_GUARD_INSTALL has no effect
  kTlsAlignment,  // thread-local storage is aligned to more than a page
  kUnsteady,      // stack tops are at no constant distance from the thread pointer
  kCount
};

// The guard of one thread.
struct StackGuard {
  GuardKind kind = GuardKind::kLibcs;
  ByteCount reported;  // size in whole pages, as pthread_getattr_np(3) reports it
  ByteCount length;    // its real size
  ByteCount block;     // the size of stack and guard, which libc is asked for
  AddressRange pages;  // its pages; empty: not placed
  uint64_t top = 0;    // the highest address of the stack, as libc reports it; 0: not known

  // Does the thread have to wait until the creator has written `top`? The member is a futex.
  enum Handshake : uint32_t { kNotNeeded, kCreatorWillWrite, kWritten };
  uint32_t handshake = kNotNeeded;
};

// Reads the value of LDSEAL_GUARD; null: the variable is not set. Called once, at start-up. Errors:
// kUnknownGuardWord.
Status choose_stack_guards(const char* setting);
// Errors: kNoPageTableGuards, if LDSEAL_GUARD is `madv` and guards in the page table have no
// effect. Called once, after the choice.
Status check_stack_guards(PageSize page);
// Keeps the alignment of thread-local storage: if it is more than a page, libc makes the guards.
// Called once, at start-up.
void set_up_stack_guards(const TlsLayout& layout);

// The attributes to pass to libc's pthread_create(3) instead of the program's, which may be null
// for the defaults, and the guard that the new thread gets. If nothing is to change they are the
// program's.
class StackAttributes {
 public:
  explicit StackAttributes(const void* given);
  ~StackAttributes();
  StackAttributes(const StackAttributes&) = delete;
  StackAttributes& operator=(const StackAttributes&) = delete;

  const void* pointer() const { return pointer_; }
  const StackGuard& guard() const { return guard_; }

  static constexpr size_t kCapacity = 64;  // for a pthread_attr_t of any libc and machine

 private:
  // The steps of the constructor. False: the program's attributes are used, because libc lacks a
  // function, nothing is to change, or libc refuses.
  bool copy();
  bool plan_guard();
  bool change();

  const void* given_;
  const void* pointer_;
  bool is_to_destroy_ = false;
  StackGuard guard_;
  alignas(16) unsigned char attributes_[kCapacity];  // the changed copy
};

// Called by the creator when the thread exists that has `guard` in its record. Writes the stack's
// top if the thread waits for it, and wakes the thread.
void hand_over_stack_top(StackGuard& guard, ThreadHandle thread);
// Makes the guard. Called by the new thread before the program's function. May wait for the
// creator.
void place_guard(StackGuard& guard);
// Removes the guard, because libc keeps the stack for another thread. Called by the thread at its
// end, or in the child of fork(2) for a thread that the child does not have.
void lift_guard(StackGuard& guard);

// In the child of fork(2).
void forget_other_makers_of_guards();

// libc may have given the thread a larger stack of an ended one, as `attributes` says, which libc's
// pthread_getattr_np(3) has filled. The guard then goes to the low end of that, where libc's would
// be. A guard that the thread has not placed yet stays. The thread must not end meanwhile.
void move_to_low_end(StackGuard& guard, const void* attributes);

// Changes `attributes`, which libc's pthread_getattr_np(3) has filled, to what they would be with a
// guard of libc's.
void show_guard(void* attributes, const StackGuard& guard);

}  // namespace ldseal
