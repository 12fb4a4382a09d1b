// A Mapping owns a reservation of address space and unmaps it unless told to keep it. Only it maps
// over memory (MAP_FIXED), and only inside itself.
#pragma once

#include <span>

#include "ldso/base/number.h"
#include "ldso/base/result.h"

namespace ldseal {

// Protection bits are mmap(2)'s PROT_*.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept : range_(other.range_) { other.range_ = {}; }
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { release(); }

  // `length` bytes of inaccessible address space at a multiple of `alignment`.
  static Result<Mapping> reserve(ByteCount length, uint64_t alignment, PageSize page);
  // Exactly this range, for a program that is linked to fixed addresses; fails where something is
  // mapped already.
  static Result<Mapping> reserve_exactly(AddressRange range);
  // A whole file from its first byte, read-only and private.
  static Result<Mapping> read_file(int file, ByteCount length);
  // `length` bytes of a file from `from` on, private; may reach beyond the file's end, where it
  // must not be touched.
  static Result<Mapping> of_file(ByteCount length, int protection, int file, FileOffset from);
  // Takes over a range that somebody else has mapped.
  static Mapping owning(AddressRange range) { return Mapping(range); }
  // Zeroed memory that can be read and written.
  static Result<Mapping> anonymous(ByteCount length);

  // Puts part of a file, or zeroed memory, into a range inside this mapping.
  Status place_file(AddressRange where, int protection, int file, FileOffset from);
  Status place_zeroes(AddressRange where, int protection);

  AddressRange range() const { return range_; }
  // Nobody owns the memory any more.
  AddressRange keep_forever() &&;

 private:
  explicit Mapping(AddressRange range) : range_(range) {}
  void release();

  AddressRange range_;
};

// Brings pages into being that will be written anyway, in one call instead of by a fault for each
// (madvise(2), MADV_POPULATE_WRITE). A hint: a kernel before 5.14 refuses, and the faults come; it is
// then not given again.
void populate_for_writing(AddressRange range);
// rr up to 5.6 gives up at that advice.
void forbid_populating();

// The same for memory without a file that is filled now: with huge pages where the system lets
// programs ask for them (madvise(2), MADV_HUGEPAGE), as far as whole ones fit in.
void populate_to_fill(AddressRange range);

// A page that nobody has touched could be filled through userfaultfd(2), even if it is sealed. These
// bring every page into being. Reading is cheaper, and good for memory of which some page was written
// to: of other memory a fork begins without the pages. Writing is for zeroes that nobody has touched.
void prefault_read(AddressRange range, PageSize page);
void prefault_zeroes(AddressRange range, PageSize page);

// One line, and the end of the process: for memory that nobody can go on without.
[[noreturn]] void die_out_of_memory();

// Puts memory without a file in the place of `pages`, whoever mapped them, with the same contents; it
// can be written. No other thread may run, and after an error the pages may be lost. What fits goes
// through the end of `buffer`, which is cheaper if that memory is in use anyway.
Status make_anonymous(AddressRange pages, std::span<unsigned char> buffer);

// mprotect(2) on whole pages.
Status change_protection(AddressRange range, int protection);

}  // namespace ldseal
