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

struct Changes {
  Lock lock;  // held for the moment in which a change begins or ends
  RecordChange* first;
};
constinit Changes changes = {};

LDSEAL_FINAL constinit bool are_read_only = false;
LDSEAL_RECORD constinit Region* regions = nullptr;

void set_protection(int protection) {
  bool must_succeed = (protection & PROT_WRITE) != 0;
  auto set = [&](AddressRange pages) {
    bool failed = kernel::protect(pages.start, pages.length(), protection).failed();
    if (failed && must_succeed) die_out_of_memory();
  };
  set(records_in_image());
  for (Region* region = regions; region != nullptr;) {
    Region* next = region->next;
    set({Address(region), Address(region) + region->length});
    region = next;
  }
}

void make_writable() { set_protection(PROT_READ | PROT_WRITE); }
void make_read_only() { set_protection(PROT_READ); }

}  // namespace

AddressRange records_in_image() { return {Address(record_variables), Address(record_memory_end)}; }

AddressRange first_record_memory() { return {Address(record_memory), Address(record_memory_end)}; }

void keep_records_read_only() { are_read_only = true; }

// A signal handler may come in the middle of one of these two, in the thread that holds the lock.
// It makes the pages writable for itself. What it has interrupted then goes on, and leaves the
// pages as it would have done.
RecordChange::RecordChange() {
  if (!are_read_only) return;
  if (changes.lock.is_mine()) {
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
    if (changes.first == nullptr) make_read_only();
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
  changes.lock.forget_other_holder();
  if (changes.first == nullptr) return;
  for (RecordChange** link = &changes.first; *link != nullptr;) {
    RecordChange* change = *link;
    bool is_mine = change->thread_ == thread_pointer();
    if (!is_mine) *link = change->next_;
    if (is_mine) link = &change->next_;
  }
  if (changes.first == nullptr) make_read_only();
}

}  // namespace ldseal
