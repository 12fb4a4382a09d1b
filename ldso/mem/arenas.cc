// Arenas get their pages from the kernel in pieces; untouched pages cost nothing.
#include "ldso/mem/arenas.h"

#include "ldso/mem/mapping.h"
#include "ldso/sys/kernel.h"

extern "C" const char loader_stack_end[] __attribute__((visibility("hidden")));  // arch/<m>/entry.S

namespace ldseal {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

// The first pieces are part of the loader's image, next to its stack and its other variables: most
// programs need no more, and what nearly all of them touch is populated in one call.
constexpr size_t kFirstScratch = size_t{4} << 10;
constexpr size_t kFirstPermanent = size_t{64} << 10;
constexpr size_t kFirstWritable = size_t{4} << 10;
constexpr size_t kUsuallyTouched = size_t{4}
                                   << 10;  // of the stack's end, and of the permanent piece

constexpr size_t kMostScratchPieces = 32;

struct FirstPieces {
  bool permanent_is_used;
  bool scratch_is_used;
  bool writable_is_used;
  size_t scratch_piece_count;  // further ones, from the kernel
  AddressRange scratch_pieces[kMostScratchPieces];
  alignas(16) unsigned char scratch[kFirstScratch];
  alignas(16) unsigned char permanent[kFirstPermanent];
  alignas(16) unsigned char writable[kFirstWritable];
};
constinit FirstPieces first_pieces = {};

void* new_pages(size_t least, size_t& given) {
  given = round_up(least, kPiece);
  Result<Mapping> pages = Mapping::anonymous(ByteCount(given));
  if (!pages) end_without_memory();
  return std::move(*pages).keep_forever().start.as<void>();
}

void* more_permanent_pages(Arena&, size_t least, size_t& given) {
  if (first_pieces.permanent_is_used || least > kFirstPermanent) return new_pages(least, given);
  first_pieces.permanent_is_used = true;
  given = kFirstPermanent;
  return first_pieces.permanent;
}

void* more_writable_pages(Arena&, size_t least, size_t& given) {
  if (first_pieces.writable_is_used || least > kFirstWritable) return new_pages(least, given);
  first_pieces.writable_is_used = true;
  given = kFirstWritable;
  return first_pieces.writable;
}

// Pieces beyond the table's capacity are kept: a few unused pages, no error.
void* more_scratch_pages(Arena&, size_t least, size_t& given) {
  if (!first_pieces.scratch_is_used && least <= kFirstScratch) {
    first_pieces.scratch_is_used = true;
    given = kFirstScratch;
    return first_pieces.scratch;
  }
  void* pages = new_pages(least, given);
  if (first_pieces.scratch_piece_count < kMostScratchPieces) {
    first_pieces.scratch_pieces[first_pieces.scratch_piece_count++] = {
        Address(pages), Address(pages) + ByteCount(given)};
  }
  return pages;
}

}  // namespace

constinit Arena permanent_arena;
constinit Arena writable_arena;
constinit Arena scratch_arena;

void set_up_arenas(PageSize page) {
  Address from = page.down(Address(loader_stack_end) - ByteCount(kUsuallyTouched));
  Address to = page.up(Address(first_pieces.permanent) + ByteCount(kUsuallyTouched));
  populate_for_writing({from, to});
  permanent_arena.take_pages_from(more_permanent_pages);
  writable_arena.take_pages_from(more_writable_pages);
  scratch_arena.take_pages_from(more_scratch_pages);
}

void release_scratch_arena() {
  for (size_t i = 0; i < first_pieces.scratch_piece_count; ++i) {
    kernel::unmap(first_pieces.scratch_pieces[i].start, first_pieces.scratch_pieces[i].length());
  }
  first_pieces.scratch_piece_count = 0;
}

}  // namespace ldseal
