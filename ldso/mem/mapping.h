// A Mapping owns a reservation of address space, and unmaps it unless keep_forever() is called. No
// other code maps over memory (MAP_FIXED), and a Mapping does so only inside itself.
#pragma once

#include <span>

#include "ldso/base/number.h"
#include "ldso/base/result.h"

namespace ldseal {

// Protections are the PROT_* of mmap(2). Errors are kCannotMap with the kernel's errno.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept : range_(other.range_) { other.range_ = {}; }
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { release(); }

  // Reserves `length` bytes of inaccessible address space at a multiple of `alignment`.
  static Result<Mapping> reserve(ByteCount length, uint64_t alignment, PageSize page);
  // Reserves exactly this range, for a program at fixed addresses. Fails if something is mapped
  // there.
  static Result<Mapping> reserve_exactly(AddressRange range);
  // Maps a whole file, read-only and private.
  static Result<Mapping> read_file(int file, ByteCount length);
  // Maps `length` bytes of a file from `from` on, private. May reach beyond the file's end; that
  // part must not be accessed.
  static Result<Mapping> of_file(ByteCount length, int protection, int file, FileOffset from);
  // Takes ownership of a range that is already mapped.
  static Mapping owning(AddressRange range) { return Mapping(range); }
  // Maps zeroed memory, readable and writable.
  static Result<Mapping> anonymous(ByteCount length);
  // The same, for memory whose protection will change: the kernel does not join it with a
  // neighbour, from which it would have to be split again.
  static Result<Mapping> separate(ByteCount length);

  // Maps part of a file, or zeroed memory, over a range inside this mapping.
  Status place_file(AddressRange where, int protection, int file, FileOffset from);
  Status place_zeroes(AddressRange where, int protection);

  AddressRange range() const { return range_; }
  // Gives up ownership: the memory stays mapped.
  AddressRange keep_forever() &&;

 private:
  explicit Mapping(AddressRange range) : range_(range) {}
  static Result<Mapping> zeroes(ByteCount length, int flags);
  void release();

  AddressRange range_;
};

// Makes pages present that will be written, with one call instead of a fault for each (madvise(2),
// MADV_POPULATE_WRITE). This is a hint: kernels before 5.14 refuse it, and it is then not tried
// again.
void populate_for_writing(AddressRange range);
// Turns populate_for_writing() off: rr up to 5.6 aborts at that advice.
void forbid_populating();
// From here on populate_to_fill() begins with two pages, and not with 64 KiB. Call where no filter
// kills the process for madvise(2).
void populate_small_ranges(PageSize page);

inline constexpr uint64_t kHugePage = uint64_t{2} << 20;  // the smallest huge pages there are
// Asks for huge pages, as far as whole ones fit, if the system lets programs ask for them
// (madvise(2), MADV_HUGEPAGE).
void prefer_huge_pages(AddressRange range);

// The same as populate_for_writing, with huge pages, for memory without a file that is filled now.
// Small ranges are left to their faults.
void populate_to_fill(AddressRange range);

// userfaultfd(2) can fill a page that is not present yet, even if it is sealed. These two make
// every page present. prefault_read is cheaper, but suits only memory of which some page was
// written: a fork does not copy the pages of other memory. prefault_zeroes writes, for zeroes that
// are untouched.
void prefault_read(AddressRange range, PageSize page);
void prefault_zeroes(AddressRange range, PageSize page);

// Prints "ld-seal: out of memory" and exits with status 127.
[[noreturn]] void die_out_of_memory();

// Replaces `pages`, also those of other code, with writable anonymous memory that has the same
// contents. No other thread may run. Small ranges are copied through the end of `buffer`, which is
// cheaper if that memory is in use anyway. After an error the pages may be lost.
Status make_anonymous(AddressRange pages, std::span<unsigned char> buffer);

// Moves the contents of anonymous pages, with their protection, over the pages at `to`, also those
// of other code. What is mapped at `pages` afterwards depends on the kernel: place_zeroes() or an
// unmapping must follow. No other thread may run. After an error the pages at `to` may be lost.
Status move_contents(AddressRange pages, Address to);

// Calls mprotect(2) on whole pages. Error: kCannotProtect.
Status change_protection(AddressRange range, int protection);

}  // namespace ldseal
