// How guards are made is decided when the first thread is created, so a program without threads
// does not pay for it.
//
// A thread computes the top of its stack from its thread pointer, because libc puts the two at a
// constant distance. The distance is learned from the first threads: their creator looks where libc
// notes the stack, or asks pthread_getattr_np(3). That is slow, calls malloc, which may not be
// callable in a thread that has not begun, and asks the kernel for the thread's processors, for
// which a filter may kill. Once two threads confirm the distance, it is not asked for any more.
//
// Until a thread has placed its guard it runs only code of libc and ld-seal, and signal handlers.
#include "ldso/threads/stack_guards.h"

#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/base/lifetime.h"
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

// The settings of LDSEAL_GUARD.
enum class Choice : uint8_t { kAuto, kPageTable, kMapping, kOff };
LDSEAL_FINAL constinit Choice choice = Choice::kAuto;

struct Setting {
  char name[8];
  Choice choice;
};
constexpr Setting kSettings[] = {{"auto", Choice::kAuto},
                                 {"madv", Choice::kPageTable},
                                 {"prot", Choice::kMapping},
                                 {"off", Choice::kOff}};

// libc makes a larger guard as a mapping. In the page table each of its pages would need an entry.
constexpr ByteCount kLargestGuard{1 << 20};

// Who makes guards in the process. Decided once; read without the lock.
constinit uint32_t maker = 0;  // a GuardMaker
// Guards the decision of `maker`, and `stack_top`. libc's gnu_get_libc_version(3) runs under it. No
// other lock is taken under it, and it under no other.
constinit Lock maker_lock;

// The distance from the thread pointer to the stack's top, in bytes. It is used once kEnoughThreads
// threads have confirmed it; then it does not change any more.
constexpr unsigned kEnoughThreads = 2;
struct StackTop {
  uint64_t distance;
  unsigned confirmed_by;
};
constinit StackTop stack_top = {};
LDSEAL_FINAL constinit uint64_t tls_alignment = 0;

void settle(GuardMaker decided, GuardReason why) {
  __atomic_store_n(&maker, static_cast<uint32_t>(decided), __ATOMIC_RELEASE);
  trace::log(
      Topic::kThreads,
      {Event::kGuardMaker, {}, {static_cast<uint64_t>(decided), static_cast<uint64_t>(why)}});
}

// Chooses PROT_NONE mappings. If libc makes its guards that way, libc makes these too.
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

// The size of pthread_attr_t in bytes. It is part of each libc's binary interface; glibc's differs
// by machine.
size_t attributes_size() {
  constexpr size_t kMusl = 56;
  static_assert(kMusl <= StackAttributes::kCapacity &&
                Native::kGlibcThreadAttributes <= StackAttributes::kCapacity);
  return process.runtime.family == LibcFamily::kMusl ? kMusl : Native::kGlibcThreadAttributes;
}

// The smallest guard, in bytes. Code without stack clash protection may step over a guard of one
// page; in the page table a wider one costs no mapping. A guard that is a mapping is as small as
// libc's own: on some machines code with stack clash protection may skip a smaller one
// (Native::kGlibcLeastGuard).
constexpr uint64_t kWide = uint64_t{64} << 10;
uint64_t least_guard() {
  if (guard_maker() == GuardMaker::kPageTable) return kWide;
  return process.runtime.family == LibcFamily::kGlibc ? Native::kGlibcLeastGuard : 0;
}

// What glibc takes for thread-local storage from every stack.
struct TlsInStack {
  size_t size = 0;
  size_t alignment = kTlsSurplusAlignment;
};

TlsInStack tls_in_stack() {
  TlsInStack tls;
  if (auto* ask = thread_functions().static_tls) ask(&tls.size, &tls.alignment);
  return tls;
}

// glibc cuts the size to the alignment of thread-local storage, musl has whole pages.
ByteCount block_for(size_t stack, ByteCount guard) {
  if (process.runtime.family != LibcFamily::kGlibc) return block_size(stack, guard, process.page);
  return ByteCount(round_down(stack, tls_in_stack().alignment)) + guard;
}

// glibc says EINVAL where a stack cannot hold its guard, the thread-local storage, and what it
// thinks that a thread needs at least; musl makes a larger stack.
bool is_enough(ByteCount block, ByteCount guard) {
  constexpr uint64_t kLeastRest = 2048;  // MINIMAL_REST_STACK
  if (process.runtime.family != LibcFamily::kGlibc) return true;
  TlsInStack tls = tls_in_stack();
  uint64_t least = guard.value + round_up(tls.size, tls.alignment) + kLeastRest;
  return block.value >= process.page.up(least);
}

// The highest address of the thread's stack, which has room for `block`, from glibc's description
// of the thread, to which its handle leads; 0 if it is not found. Where in the description glibc
// has the stack's lowest address and size differs between versions. But they are neighbours, and
// no other two words mean a block of pages with the description near its end.
uint64_t noted_top(ThreadHandle thread, ByteCount block) {
  constexpr size_t kWords = 2048 / sizeof(uint64_t);  // no description is smaller
  constexpr uint64_t kDescription = uint64_t{16} << 10;
  if (process.runtime.family != LibcFamily::kGlibc) return 0;
  const uint64_t farthest = tls_in_stack().size + kDescription;
  const auto* words = Address(thread).as<const uint64_t>();
  for (size_t i = 0; i + 1 < kWords; ++i) {
    uint64_t lowest = words[i], size = words[i + 1];
    bool is_size = block.value <= size && size < lowest;  // the other word may be null
    if (!is_size || lowest % process.page.value != 0 || lowest >= thread) continue;
    if (thread - lowest < size && lowest + size - thread <= farthest) return lowest + size;
  }
  return 0;
}

// The same, also from pthread_getattr_np(3).
uint64_t top_of_stack(ThreadHandle thread, ByteCount block) {
  if (uint64_t noted = noted_top(thread, block); noted != 0) return noted;
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

// The highest address of the calling thread's stack; 0 if it is not known. May wait for the
// thread's creator.
uint64_t find_top(StackGuard& guard) {
  if (guard.handshake == StackGuard::kNotNeeded) return thread_pointer() + stack_top.distance;
  while (__atomic_load_n(&guard.handshake, __ATOMIC_ACQUIRE) == StackGuard::kCreatorWillWrite)
    kernel::futex_wait(&guard.handshake, StackGuard::kCreatorWillWrite);
  if (guard.top != 0) confirm_distance(guard.top - thread_pointer());
  return guard.top;
}

AddressRange pages_of(StackGuard& guard) {
  uint64_t top = find_top(guard);
  if (top == 0) return {};
  return guard_pages(Address(top), guard.block, guard.length, process.page);
}

void remove(AddressRange pages, GuardKind kind) {
  if (kind != GuardKind::kMapping) remove_guards(pages);
  if (kind != GuardKind::kPageTable)
    kernel::protect(pages.start, pages.length(), PROT_READ | PROT_WRITE);
}

GuardKind make(AddressRange pages) {
  if (pages.empty()) return GuardKind::kFailed;
  if (settled_maker() == GuardMaker::kPageTable && install_guards(pages))
    return GuardKind::kPageTable;
  bool is_made = !kernel::protect(pages.start, pages.length(), PROT_NONE).failed();
  return is_made ? GuardKind::kMapping : GuardKind::kFailed;
}

}  // namespace

Status choose_stack_guards(const char* setting) {
  if (setting == nullptr) return {};
  for (const Setting& known : kSettings) {
    if (!equal(setting, known.name)) continue;
    choice = known.choice;
    return {};
  }
  Error e = fault(Fault::kUnknownGuardWord);
  e.name = setting;
  return e;
}

Status check_stack_guards(PageSize page) {
  bool is_exempt = (process.policy.exempt & LDSEAL_CLASS_GUARDS) != 0;
  if (choice != Choice::kPageTable || is_exempt || guards_hold(page)) return {};
  return fault(Fault::kNoPageTableGuards);
}

void set_up_stack_guards(const TlsLayout& layout) { tls_alignment = layout.alignment; }

void forget_other_makers_of_guards() { maker_lock.forget_other_holder(); }

StackAttributes::StackAttributes(const void* given) : given_(given), pointer_(given) {
  if (copy() && plan_guard() && change()) {
    pointer_ = attributes_;
  } else {
    guard_ = StackGuard();
  }
}

StackAttributes::~StackAttributes() {
  if (is_to_destroy_) thread_functions().destroy(attributes_);
}

bool StackAttributes::copy() {
  const ThreadFunctions& f = thread_functions();
  if (!f.all()) return false;
  if (given_ == nullptr) return is_to_destroy_ = f.default_attributes(attributes_) == 0;
  __builtin_memcpy(attributes_, given_, attributes_size());
  return true;
}

// False: nothing is to change, or libc is to refuse. glibc returns the top of a stack that the
// caller has not given as 0, musl says EINVAL.
bool StackAttributes::plan_guard() {
  const ThreadFunctions& f = thread_functions();
  void* lowest = nullptr;
  size_t size = 0, guard = 0;
  bool has_stack = f.get_stack(attributes_, &lowest, &size) == 0 &&
                   reinterpret_cast<uintptr_t>(lowest) + size != 0;
  if (has_stack || f.get_guard_size(attributes_, &guard) != 0 ||
      f.get_stack_size(attributes_, &size) != 0)
    return false;
  if (!may_exist(size) || !may_exist(guard)) return false;
  ByteCount length = guard_length(guard, least_guard(), process.page);
  ByteCount block = block_for(size, length);
  bool is_ours = guard != 0 && is_for(guard_maker(), guard) && is_enough(block, length);
  if (!is_ours) return false;
  guard_.kind = GuardKind::kWanted;
  guard_.handshake = distance_is_known() ? StackGuard::kNotNeeded : StackGuard::kCreatorWillWrite;
  guard_.reported = ByteCount(process.page.up(guard));
  guard_.length = length;
  guard_.block = block;
  return true;
}

bool StackAttributes::change() {
  const ThreadFunctions& f = thread_functions();
  if (f.set_guard_size(attributes_, 0) != 0) return false;
  return f.set_stack_size(attributes_, guard_.block.value) == 0;
}

void hand_over_stack_top(StackGuard& guard, ThreadHandle thread) {
  if (guard.handshake != StackGuard::kCreatorWillWrite) return;
  guard.top = top_of_stack(thread, guard.block);
  __atomic_store_n(&guard.handshake, StackGuard::kWritten, __ATOMIC_RELEASE);
  kernel::futex_wake(&guard.handshake, 1);
}

void place_guard(StackGuard& guard) {
  if (guard.kind != GuardKind::kWanted) return;
  guard.pages = pages_of(guard);
  GuardKind kind = make(guard.pages);
  __atomic_store(&guard.kind, &kind, __ATOMIC_RELEASE);
  trace::log(Topic::kThreads,
             {Event::kStackGuard,
              {},
              {guard.pages.start.value, guard.pages.end.value, static_cast<uint64_t>(kind)}});
}

// In the child of fork(2) the thread may have vanished before it placed its guard: removing a guard
// that is not there has no effect.
void lift_guard(StackGuard& guard) {
  if (guard.pages.empty()) return;
  remove(guard.pages, guard.kind);
  guard = StackGuard();
}

// A stack that is used again may be larger than what was asked for. libc then reports all of it but
// the guard, as if it had been made with a guard of one page, the default. A wide guard was made in
// that page's place. Without that room libc would have made a new stack: 0.
static ByteCount length_at_low_end(const StackGuard& guard, ByteCount stack) {
  if (guard.kind != GuardKind::kPageTable) return guard.length;
  ByteCount wider(kWide - process.page.value);
  ByteCount asked = ByteCount(guard.block.value - guard.length.value) + guard.reported;
  return asked + wider > stack ? ByteCount(0) : wider + guard.reported;
}

void move_to_low_end(StackGuard& guard, const void* attributes) {
  GuardKind kind;
  __atomic_load(&guard.kind, &kind, __ATOMIC_ACQUIRE);
  if (kind != GuardKind::kPageTable && kind != GuardKind::kMapping) return;
  void* lowest = nullptr;
  size_t size = 0;
  if (thread_functions().get_stack(attributes, &lowest, &size) != 0) return;
  Address start = process.page.up(Address(lowest));
  AddressRange there = {start, start + length_at_low_end(guard, ByteCount(size))};
  AddressRange here = guard.pages;
  if (there.empty() || there.start >= here.start) return;
  GuardKind made = make(there);
  if (made == GuardKind::kFailed) return;
  AddressRange left_over = {there.end > here.start ? there.end : here.start, here.end};
  remove(left_over, kind);
  guard.block = ByteCount(size);
  guard.length = there.length();
  guard.pages = there;
  guard.kind = made;
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
