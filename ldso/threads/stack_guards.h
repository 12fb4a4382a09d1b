// Guards under the stacks of the program's threads: libc is asked for a stack without one, in one
// piece, and the new thread puts it at the low end, in the page table where that works
// (mem/guards.h), so that many stacks are one mapping. Where it does not work, and for what is
// better so, libc's own PROT_NONE mappings stay.
#pragma once

#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/process/libc_threads.h"

namespace ldseal {

struct TlsLayout;

enum class GuardKind : uint8_t {
  kLibcs,      // libc makes it, or there is to be none
  kWanted,     // ours, not placed yet
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

// Of one thread.
struct StackGuard {
  GuardKind kind = GuardKind::kLibcs;
  ByteCount reported;  // its size, as pthread_getattr_np reports it
  ByteCount length;    // what it really is
  ByteCount block;     // what libc is asked for: stack and guard
  AddressRange pages;  // where it is
  uint64_t top = 0;    // of the stack, by libc's word; 0: it has none

  // Does the creator tell the thread `top`? A futex word.
  enum Handshake : uint32_t { kNotNeeded, kCreatorWillSay, kSaid };
  uint32_t handshake = kNotNeeded;
};

// What LDSEAL_GUARD says; null: nothing. Once, at start-up.
Status choose_stack_guards(const char* word);
// Under `madv`: an error where guards do not hold. Once, after the choice.
Status check_stack_guards(PageSize page);
// Where thread-local storage is.
void set_up_stack_guards(const TlsLayout& layout);

// Attributes for libc's pthread_create in place of the program's (null: the defaults), and the
// guard that follows.
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
  // False: the program's attributes stay. Nobody could change them, nothing is to change, libc
  // refuses.
  bool copy();
  bool plan_guard();
  bool change();

  const void* given_;
  const void* pointer_;
  bool is_to_destroy_ = false;
  StackGuard guard_;
  alignas(16) unsigned char own_[kCapacity];
};

// By the creator of a thread that has been made and holds `guard`: the thread may wait for it.
void hand_over_stack_top(StackGuard& guard, ThreadHandle thread);
// In the new thread.
void place_guard(StackGuard& guard);
// The stack may be another thread's next: libc keeps it. In the thread at its end, or where the
// thread is no more.
void lift_guard(StackGuard& guard);

// Makes libc's answer to pthread_getattr_np what it would be with a guard of libc's own.
void show_guard(void* attributes, const StackGuard& guard);

}  // namespace ldseal
