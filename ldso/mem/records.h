// ld-seal's records: what it writes now and then while the program runs. These are the variables
// marked LDSEAL_RECORD (base/lifetime.h) and the record heap (mem/heap.h): what changes about
// dlopened objects, and functions of libc that were looked up. Their pages are read-only, except
// while a RecordChange exists. So who can write to memory, and makes no system call, changes
// nothing in them.
#pragma once

#include <cstdint>

#include "ldso/base/arena.h"
#include "ldso/base/number.h"

namespace ldseal {

// Any thread and any signal handler may have one, also several at a time. The pages are writable
// until the last one of all threads ends, so no foreign code should run meanwhile.
class [[nodiscard]] RecordChange {
 public:
  RecordChange();
  ~RecordChange();
  RecordChange(const RecordChange&) = delete;
  RecordChange& operator=(const RecordChange&) = delete;

 private:
  friend void forget_record_changes_of_others();
  RecordChange* next_ = nullptr;
  uintptr_t thread_ = 0;
  bool is_listed_ = false;
};

// Call before the first use of record memory.
void set_up_records();

// The part of the records that is in ld-seal's image.
AddressRange records_in_image();
// Takes memory of the image: at least `least` bytes, or all that is left if that is 0. Empty: there
// is not that much. Nothing gives it back.
AddressRange take_record_memory(ByteCount least);
// The pages that are not in the image, in a list in `arena`.
List<AddressRange> record_pages_elsewhere(Arena& arena);

// From now on the pages are read-only between changes. The caller makes those of the image so next;
// this does it with the others. Call once, before threads exist.
void keep_records_read_only();
bool are_records_read_only();

// Adds pages that are writable: memory of the record heap. `start` must be the start of a mapping
// of `length` bytes, and the first kRecordRegionHeader bytes of it are not the caller's.
constexpr ByteCount kRecordRegionHeader{64};
void add_record_pages(AddressRange pages);
// The caller unmaps them next.
void remove_record_pages(Address start);

// In the child of fork(2), where no other thread is.
void forget_record_changes_of_others();

}  // namespace ldseal
