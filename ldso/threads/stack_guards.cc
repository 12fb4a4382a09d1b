// How guards are made is decided when the first thread is: a program without threads pays nothing.
//
// A thread finds its stack by its thread pointer: libc puts that at a constant distance from the
// stack's top. For the first threads their creators ask pthread_getattr_np, which is slow and calls
// malloc, and not every malloc may be called in a thread that has not begun; once two agree on the
// distance nobody asks.
//
// Until a thread has placed its guard it runs libc's code and ours alone, apart from a signal's
// handler.
#include "ldso/threads/stack_guards.h"

#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/link/tls_layout.h"
#include "ldso/mem/guards.h"
#include "ldso/process/libc_threads.h"
#include "ldso/process/process.h"
#include "ldso/sys/kernel.h"
#include "ldso/sys/lock.h"
#include "ldso/threads/stack_layout.h"

namespace ldseal {
namespace {

// The words of LDSEAL_GUARD.
enum class Choice : uint8_t { kAuto, kPageTable, kMapping, kOff };
constinit Choice choice = Choice::kAuto;

struct Word {
  char name[8];
  Choice choice;
};
constexpr Word kWords[] = {{"auto", Choice::kAuto},
                           {"madv", Choice::kPageTable},
                           {"prot", Choice::kMapping},
                           {"off", Choice::kOff}};

// A larger guard is the work of a mapping, which libc makes, not of a page table.
constexpr ByteCount kLargestGuard{1 << 20};

// Who makes guards, for the whole process; decided once.
constinit uint32_t maker = 0;  // a GuardMaker
constinit Lock maker_lock;

// The constant distance of a stack's top from the thread pointer, once it is known for certain.
constexpr unsigned kEnoughThreads = 2;
struct StackTop {
  uint64_t distance;
  unsigned confirmed_by;
};
constinit StackTop stack_top = {};
constinit uint64_t tls_alignment = 0;

void settle(GuardMaker decided, GuardReason why) {
  __atomic_store_n(&maker, static_cast<uint32_t>(decided), __ATOMIC_RELEASE);
  trace::log(
      Topic::kThreads,
      {Event::kGuardMaker, {}, {static_cast<uint64_t>(decided), static_cast<uint64_t>(why)}});
}

// PROT_NONE: where libc does that by itself, it is left to it.
void settle_for_mappings(GuardReason why) {
  settle(libc_guards_by_mappings() ? GuardMaker::kLibc : GuardMaker::kMappings, why);
}

void decide() {
  if (choice == Choice::kOff) return settle(GuardMaker::kLibc, GuardReason::kOff);
  if (tls_alignment > process.page.value)
    return settle(GuardMaker::kLibc, GuardReason::kTlsAlignment);
  if (choice == Choice::kMapping) return settle_for_mappings(GuardReason::kChosen);
  if ((process.policy.exempt & LDSEAL_CLASS_GUARDS) != 0)
    return settle_for_mappings(GuardReason::kExempt);
  if (!guards_hold(process.page)) return settle_for_mappings(GuardReason::kNotHeld);
  settle(GuardMaker::kPageTable, GuardReason::kNone);
}

GuardMaker settled_maker() {
  return static_cast<GuardMaker>(__atomic_load_n(&maker, __ATOMIC_ACQUIRE));
}

GuardMaker guard_maker() {
  if (GuardMaker known = settled_maker(); known != GuardMaker::kUndecided) return known;
  LockGuard held(maker_lock);
  if (settled_maker() == GuardMaker::kUndecided) decide();
  return settled_maker();
}

bool is_for(GuardMaker who, uint64_t guard) {
  if (who == GuardMaker::kPageTable) return guard <= kLargestGuard.value;
  return who == GuardMaker::kMappings;
}

// pthread_attr_t is part of both libcs' binary interface; glibc's is larger on some machines.
size_t attributes_size() {
  constexpr size_t kMusl = 56;
  static_assert(kMusl <= StackAttributes::kCapacity &&
                Native::kGlibcThreadAttributes <= StackAttributes::kCapacity);
  return process.runtime.family == LibcFamily::kMusl ? kMusl : Native::kGlibcThreadAttributes;
}

// Where guards have to catch frames that skip a smaller one (the compilers' stack clash
// protection), glibc makes none that is smaller.
uint64_t least_guard() {
  return process.runtime.family == LibcFamily::kGlibc ? Native::kGlibcLeastGuard : 0;
}

// glibc takes thread-local storage from the stack that was asked for, and what of it is ours no
// program knows.
ByteCount extra_stack() {
  bool is_glibc = process.runtime.family == LibcFamily::kGlibc;
  constexpr uint64_t kOurs = kTlsSurplus.value + kTlsSurplusAlignment + sizeof(ThreadArea);
  return ByteCount(is_glibc ? process.page.up(kOurs) : 0);
}

// 0: libc does not say.
uint64_t top_of_stack(ThreadHandle thread) {
  const ThreadFunctions& f = thread_functions();
  alignas(16) unsigned char attributes[StackAttributes::kCapacity];
  if (f.attributes_of(thread, attributes) != 0) return 0;
  void* lowest = nullptr;
  size_t size = 0;
  int answer = f.get_stack(attributes, &lowest, &size);
  f.destroy(attributes);
  return answer == 0 ? reinterpret_cast<uintptr_t>(lowest) + size : 0;
}

bool distance_is_known() {
  return __atomic_load_n(&stack_top.confirmed_by, __ATOMIC_ACQUIRE) >= kEnoughThreads;
}

void confirm_distance(uint64_t distance) {
  LockGuard held(maker_lock);
  if (stack_top.confirmed_by == 0) stack_top.distance = distance;
  if (stack_top.distance != distance) return settle(GuardMaker::kLibc, GuardReason::kUnsteady);
  __atomic_store_n(&stack_top.confirmed_by, stack_top.confirmed_by + 1, __ATOMIC_RELEASE);
}

// 0: nobody knows.
uint64_t find_own_top(StackGuard& guard) {
  if (guard.handshake == StackGuard::kNotNeeded) return thread_pointer() + stack_top.distance;
  while (__atomic_load_n(&guard.handshake, __ATOMIC_ACQUIRE) == StackGuard::kCreatorWillSay)
    kernel::futex_wait(&guard.handshake, StackGuard::kCreatorWillSay);
  if (guard.top != 0) confirm_distance(guard.top - thread_pointer());
  return guard.top;
}

AddressRange pages_of(StackGuard& guard) {
  uint64_t top = find_own_top(guard);
  if (top == 0) return {};
  return guard_pages(Address(top), guard.block, guard.length, process.page);
}

GuardKind make(AddressRange pages) {
  if (pages.empty()) return GuardKind::kFailed;
  if (settled_maker() == GuardMaker::kPageTable && install_guards(pages))
    return GuardKind::kPageTable;
  bool is_made = !kernel::protect(pages.start, pages.length(), PROT_NONE).failed();
  return is_made ? GuardKind::kMapping : GuardKind::kFailed;
}

}  // namespace

Status choose_stack_guards(const char* word) {
  if (word == nullptr) return {};
  for (const Word& known : kWords) {
    if (!equal(word, known.name)) continue;
    choice = known.choice;
    return {};
  }
  Error e = fault(Fault::kUnknownGuardWord);
  e.name = word;
  return e;
}

Status check_stack_guards(PageSize page) {
  bool is_exempt = (process.policy.exempt & LDSEAL_CLASS_GUARDS) != 0;
  if (choice != Choice::kPageTable || is_exempt || guards_hold(page)) return {};
  return fault(Fault::kNoPageTableGuards);
}

void set_up_stack_guards(const TlsLayout& layout) { tls_alignment = layout.alignment; }

StackAttributes::StackAttributes(const void* given) : given_(given), pointer_(given) {
  if (copy() && plan_guard() && change()) {
    pointer_ = own_;
  } else {
    guard_ = StackGuard();
  }
}

StackAttributes::~StackAttributes() {
  if (is_to_destroy_) thread_functions().destroy(own_);
}

bool StackAttributes::copy() {
  const ThreadFunctions& f = thread_functions();
  if (!f.all()) return false;
  if (given_ == nullptr) return is_to_destroy_ = f.default_attributes(own_) == 0;
  __builtin_memcpy(own_, given_, attributes_size());
  return true;
}

// False: nothing is to change. glibc tells the top of a stack that the caller has not given as 0,
// musl says EINVAL.
bool StackAttributes::plan_guard() {
  const ThreadFunctions& f = thread_functions();
  void* lowest = nullptr;
  size_t size = 0, guard = 0;
  bool has_stack =
      f.get_stack(own_, &lowest, &size) == 0 && reinterpret_cast<uintptr_t>(lowest) + size != 0;
  if (has_stack || f.get_guard_size(own_, &guard) != 0 || f.get_stack_size(own_, &size) != 0)
    return false;
  if (!may_exist(size) || !may_exist(guard)) return false;
  ByteCount extra = extra_stack();
  bool is_ours = guard != 0 && is_for(guard_maker(), guard);
  if (is_ours) {
    guard_.kind = GuardKind::kWanted;
    guard_.handshake = distance_is_known() ? StackGuard::kNotNeeded : StackGuard::kCreatorWillSay;
    guard_.reported = ByteCount(process.page.up(guard));
    guard_.length = guard_length(guard, least_guard(), process.page);
  }
  guard_.block = block_size(size, extra, guard_.length, process.page);
  return is_ours || extra.value != 0;
}

bool StackAttributes::change() {
  const ThreadFunctions& f = thread_functions();
  if (guard_.kind == GuardKind::kWanted && f.set_guard_size(own_, 0) != 0) return false;
  return f.set_stack_size(own_, guard_.block.value) == 0;
}

void hand_over_stack_top(StackGuard& guard, ThreadHandle thread) {
  if (guard.handshake != StackGuard::kCreatorWillSay) return;
  guard.top = top_of_stack(thread);
  __atomic_store_n(&guard.handshake, StackGuard::kSaid, __ATOMIC_RELEASE);
  kernel::futex_wake(&guard.handshake, 1);
}

void place_guard(StackGuard& guard) {
  if (guard.kind != GuardKind::kWanted) return;
  guard.pages = pages_of(guard);
  guard.kind = make(guard.pages);
  trace::log(Topic::kThreads,
             {Event::kStackGuard,
              {},
              {guard.pages.start.value, guard.pages.end.value, static_cast<uint64_t>(guard.kind)}});
}

// A thread that is no more may have been about to place it: what is not there is taken away without
// harm.
void lift_guard(StackGuard& guard) {
  AddressRange pages = guard.pages;
  if (pages.empty()) return;
  if (guard.kind != GuardKind::kMapping) remove_guards(pages);
  if (guard.kind != GuardKind::kPageTable)
    kernel::protect(pages.start, pages.length(), PROT_READ | PROT_WRITE);
  guard = StackGuard();
}

void show_guard(void* attributes, const StackGuard& guard) {
  const ThreadFunctions& f = thread_functions();
  void* lowest = nullptr;
  size_t size = 0;
  if (guard.kind == GuardKind::kLibcs || f.get_stack(attributes, &lowest, &size) != 0) return;
  Address top = Address(lowest) + ByteCount(size);
  Address usable = guard_pages(top, guard.block, guard.length, process.page).end;
  f.set_stack(attributes, usable.as<void>(), (top - usable).value);
  f.set_guard_size(attributes, guard.reported.value);
}

}  // namespace ldseal
