// See mapping.h. Errors are kCannotMap and kCannotProtect with the kernel's errno. The caller adds
// the object's name.
#include "ldso/mem/mapping.h"

#include <asm/errno.h>
#include <linux/mman.h>

#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr int kNoFile = -1;

Error refused(Fault f, AddressRange range, kernel::Answer answer) {
  Error e = fault(f);
  e.error_number = answer.error_number();
  e.found = range.length().value;
  e.where = range.start.value;
  e.place = Place::kVaddr;
  return e;
}

}  // namespace

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    release();
    range_ = other.range_;
    other.range_ = {};
  }
  return *this;
}

void Mapping::release() {
  if (!range_.empty()) kernel::unmap(range_.start, range_.length());
  range_ = {};
}

AddressRange Mapping::keep_forever() && {
  AddressRange kept = range_;
  range_ = {};
  return kept;
}

Result<Mapping> Mapping::reserve(ByteCount length, uint64_t alignment, PageSize page) {
  uint64_t spare = alignment > page.value ? alignment - page.value : 0;
  std::optional<uint64_t> asked = checked_add(length.value, spare);
  if (!asked) return fault(Fault::kCannotMap);
  kernel::Answer got =
      kernel::map(Address(0), ByteCount(*asked), PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, kNoFile, FileOffset(0));
  if (got.failed()) return refused(Fault::kCannotMap, {Address(0), Address(*asked)}, got);
  AddressRange all{Address(static_cast<uint64_t>(got.value)),
                   Address(static_cast<uint64_t>(got.value) + *asked)};
  AddressRange kept{Address(round_up(all.start.value, alignment)), Address(0)};
  kept.end = kept.start + length;
  if (kept.start != all.start) kernel::unmap(all.start, kept.start - all.start);
  if (kept.end != all.end) kernel::unmap(kept.end, all.end - kept.end);
  return Mapping(kept);
}

Result<Mapping> Mapping::reserve_exactly(AddressRange range) {
  kernel::Answer got = kernel::map(
      range.start, range.length(), PROT_NONE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, kNoFile, FileOffset(0));
  if (got.failed()) return refused(Fault::kCannotMap, range, got);
  Address at(static_cast<uint64_t>(got.value));
  if (at != range.start) {  // kernels before 4.17 take the address for a hint
    kernel::unmap(at, range.length());
    return refused(Fault::kCannotMap, range, {-EEXIST});
  }
  return Mapping(range);
}

Result<Mapping> Mapping::of_file(ByteCount length, int protection, int file, FileOffset from) {
  kernel::Answer got = kernel::map(Address(0), length, protection, MAP_PRIVATE, file, from);
  if (got.failed()) return refused(Fault::kCannotMap, {Address(0), Address(length.value)}, got);
  Address start(static_cast<uint64_t>(got.value));
  return Mapping({start, start + length});
}

Result<Mapping> Mapping::read_file(int file, ByteCount length) {
  return of_file(length, PROT_READ, file, FileOffset(0));
}

Result<Mapping> Mapping::anonymous(ByteCount length) { return zeroes(length, 0); }

Result<Mapping> Mapping::separate(ByteCount length) { return zeroes(length, MAP_NORESERVE); }

Result<Mapping> Mapping::zeroes(ByteCount length, int flags) {
  kernel::Answer got = kernel::map(Address(0), length, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | flags, kNoFile, FileOffset(0));
  if (got.failed()) return refused(Fault::kCannotMap, {Address(0), Address(length.value)}, got);
  Address start(static_cast<uint64_t>(got.value));
  return Mapping({start, start + length});
}

Status Mapping::place_file(AddressRange where, int protection, int file, FileOffset from) {
  if (where.empty()) return {};
  if (where.start < range_.start || where.end > range_.end) return fault(Fault::kCannotMap);
  kernel::Answer got =
      kernel::map(where.start, where.length(), protection, MAP_PRIVATE | MAP_FIXED, file, from);
  return got.failed() ? Status(refused(Fault::kCannotMap, where, got)) : Status();
}

Status Mapping::place_zeroes(AddressRange where, int protection) {
  if (where.empty()) return {};
  if (where.start < range_.start || where.end > range_.end) return fault(Fault::kCannotMap);
  kernel::Answer got = kernel::map(where.start, where.length(), protection,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, kNoFile, FileOffset(0));
  return got.failed() ? Status(refused(Fault::kCannotMap, where, got)) : Status();
}

constinit static bool populating_is_forbidden = false;
constinit static ByteCount least_small_range;  // 0: none is populated

void forbid_populating() { populating_is_forbidden = true; }
void populate_small_ranges(PageSize page) { least_small_range = ByteCount(2 * page.value); }

// The kernel does not know the advice, or a filter forbids it. It will refuse it for every other
// range too. Do not try again: a filter's SIGSYS handler may be noisy (Firefox writes a line for
// each try).
static bool is_for_good(int error_number) {
  return error_number == EINVAL || error_number == ENOSYS || error_number == EPERM;
}

void populate_for_writing(AddressRange range) {
  if (populating_is_forbidden) return;
  kernel::Answer got = kernel::advise(range.start, range.length(), MADV_POPULATE_WRITE);
  if (is_for_good(got.error_number())) forbid_populating();
}

void prefer_huge_pages(AddressRange range) {
  if (range.length().value >= kHugePage) kernel::advise(range.start, range.length(), MADV_HUGEPAGE);
}

void populate_to_fill(AddressRange range) {
  constexpr ByteCount kLargeRange{uint64_t{64} << 10};
  prefer_huge_pages(range);
  bool small_ones_too = least_small_range.value != 0;
  if (range.length() >= (small_ones_too ? least_small_range : kLargeRange))
    populate_for_writing(range);
}

void die_out_of_memory() { kernel::die("ld-seal: out of memory\n"); }

void prefault_read(AddressRange range, PageSize page) {
  for (Address at = range.start; at < range.end; at = at + ByteCount(page.value)) {
    static_cast<void>(*at.as<const volatile unsigned char>());
  }
}

void prefault_zeroes(AddressRange range, PageSize page) {
  if (range.empty()) return;
  populate_to_fill(range);
  for (Address at = range.start; at < range.end; at = at + ByteCount(page.value)) {
    *at.as<volatile unsigned char>() = 0;
  }
}

namespace {

// Copies the contents into `contents`, maps anonymous memory over the pages, and copies them back.
Status copy_twice(AddressRange pages, void* contents) {
  __builtin_memcpy(contents, pages.start.as<const void>(), pages.length().value);
  kernel::Answer got =
      kernel::map(pages.start, pages.length(), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, kNoFile, FileOffset(0));
  if (got.failed()) return refused(Fault::kCannotMap, pages, got);
  __builtin_memcpy(pages.start.as<void>(), contents, pages.length().value);
  return {};
}

Status copy_and_move(AddressRange pages) {
  Result<Mapping> copy = Mapping::anonymous(pages.length());
  if (!copy) return copy.error();
  populate_to_fill(copy->range());
  __builtin_memcpy(copy->range().start.as<void>(), pages.start.as<const void>(),
                   pages.length().value);
  kernel::Answer got = kernel::move(copy->range().start, pages.length(), pages.start);
  if (got.failed()) return refused(Fault::kCannotMap, pages, got);
  std::move(*copy).keep_forever();  // it has moved into place, where it stays
  return {};
}

}  // namespace

Status make_anonymous(AddressRange pages, std::span<unsigned char> buffer) {
  size_t length = pages.length().value;
  return length <= buffer.size() ? copy_twice(pages, buffer.last(length).data())
                                 : copy_and_move(pages);
}

Status move_contents(AddressRange pages, Address to) {
  kernel::Answer got = kernel::move_contents(pages.start, pages.length(), to);
  if (got.error_number() == EINVAL) got = kernel::move(pages.start, pages.length(), to);
  return got.failed() ? Status(refused(Fault::kCannotMap, {to, to + pages.length()}, got))
                      : Status();
}

Status change_protection(AddressRange range, int protection) {
  if (range.empty()) return {};
  kernel::Answer got = kernel::protect(range.start, range.length(), protection);
  return got.failed() ? Status(refused(Fault::kCannotProtect, range, got)) : Status();
}

}  // namespace ldseal
