// See records.h. The list of changes may be written at any time; it says only when the pages become
// read-only again.
#include "ldso/mem/records.h"

#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/base/lifetime.h"
#include "ldso/mem/mapping.h"
#include "ldso/sys/kernel.h"
#include "ldso/sys/lock.h"

// ldso/variables.lds: whole pages.
extern "C" unsigned char record_variables[], record_memory[], record_memory_end[];

namespace ldseal {
namespace {

// At the start of pages that are not in the image.
struct Region {
  Region* next;
  ByteCount length;
};
static_assert(sizeof(Region) <= kRecordRegionHeader.value);

// Records from this size on lie at the other end, away from the variables. Small ones share the
// variables' page. A large one is the image of thread-local storage, and few programs write to it.
constexpr ByteCount kLargeRecord{1024};

struct Changes {
  Lock lock;  // held for the moment in which a change begins or ends
  RecordChange* first;
  int in_handlers;  // changes in signal handlers that came in such a moment
};
constinit Changes changes = {};

LDSEAL_FINAL constinit bool are_read_only = false;
LDSEAL_RECORD constinit Region* regions = nullptr;
// What is still to be had of the image's memory; 0: it is not set up.
LDSEAL_RECORD constinit uintptr_t free_start = 0, free_end = 0;

template <class Visit>
void for_each_region(Visit visit) {
  for (Region* region = regions; region != nullptr; region = region->next)
    visit(AddressRange{Address(region), Address(region) + region->length});
}

void set_protection(AddressRange pages, int protection) {
  bool failed = kernel::protect(pages.start, pages.length(), protection).failed();
  if (failed && (protection & PROT_WRITE) != 0) die_out_of_memory();
}

void set_protection(int protection) {
  set_protection(records_in_image(), protection);
  for_each_region([=](AddressRange pages) { set_protection(pages, protection); });
}

void make_writable() { set_protection(PROT_READ | PROT_WRITE); }
void make_read_only() { set_protection(PROT_READ); }

}  // namespace

AddressRange records_in_image() { return {Address(record_variables), Address(record_memory_end)}; }

void set_up_records() {
  free_start = reinterpret_cast<uintptr_t>(record_memory);
  free_end = reinterpret_cast<uintptr_t>(record_memory_end);
}

AddressRange take_record_memory(ByteCount least) {
  AddressRange free{Address(free_start), Address(free_end)};
  if (free_start == 0 || least > free.length()) return {};
  if (least >= kLargeRecord) {
    free_end -= least.value;
    return {Address(free_end), free.end};
  }
  AddressRange taken{free.start, least.value == 0 ? free.end : free.start + least};
  free_start = taken.end.value;
  return taken;
}

List<AddressRange> record_pages_elsewhere(Arena& arena) {
  List<AddressRange> all;
  for_each_region([&](AddressRange pages) { all.add(arena, pages); });
  return all;
}

void keep_records_read_only() {
  for_each_region([](AddressRange pages) { set_protection(pages, PROT_READ); });
  are_read_only = true;
}

bool are_records_read_only() { return are_read_only; }

// A signal handler may come in the middle of one of these two, in the thread that holds the lock,
// and another one in the middle of the handler. Each makes the pages writable for itself; the one
// that came first ends last, and makes them read-only. What it has interrupted then goes on, and
// leaves the pages as it would have done.
RecordChange::RecordChange() {
  if (!are_read_only) return;
  if (changes.lock.is_mine()) {
    ++changes.in_handlers;
    make_writable();
    return;
  }
  LockGuard held(changes.lock);
  is_listed_ = true;
  thread_ = thread_pointer();
  next_ = changes.first;
  changes.first = this;
  if (next_ == nullptr) make_writable();
}

RecordChange::~RecordChange() {
  if (!are_read_only) return;
  if (!is_listed_) {
    if (--changes.in_handlers == 0 && changes.first == nullptr) make_read_only();
    return;
  }
  LockGuard held(changes.lock);
  RecordChange** link = &changes.first;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
  if (changes.first == nullptr) make_read_only();
}

void add_record_pages(AddressRange pages) {
  auto* region = pages.start.as<Region>();
  *region = {regions, pages.length()};
  regions = region;
}

void remove_record_pages(Address start) {
  Region** link = &regions;
  while (*link != start.as<Region>()) link = &(*link)->next;
  *link = (*link)->next;
}

void forget_record_changes_of_others() {
  // Another thread was in the middle of beginning or ending one.
  bool was_held = changes.lock.is_held_by_other();
  bool may_be_writable = changes.first != nullptr || was_held;
  if (was_held) changes.in_handlers = 0;
  changes.lock.forget_other_holder();
  if (!may_be_writable) return;
  for (RecordChange** link = &changes.first; *link != nullptr;) {
    RecordChange* change = *link;
    bool is_mine = change->thread_ == thread_pointer();
    if (!is_mine) *link = change->next_;
    if (is_mine) link = &change->next_;
  }
  if (changes.first == nullptr && are_read_only) make_read_only();
}

}  // namespace ldseal
