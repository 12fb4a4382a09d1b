// Arenas get their pages from the kernel in pieces; untouched pages cost nothing.
#include "ldso/mem/arenas.h"

#include "ldso/mem/mapping.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

// The first pieces are part of the loader's image: most programs need no more, and two system calls less.
constexpr size_t kFirstPiece = size_t{1} << 16;
alignas(16) unsigned char first_scratch_piece[kFirstPiece];
alignas(16) unsigned char first_permanent_piece[kFirstPiece];

void* new_pages(size_t least, size_t& given) {
  given = round_up(least, kPiece);
  Result<Mapping> pages = Mapping::anonymous(ByteCount(given));
  if (!pages) {
    kernel::write(2, "ld-seal: out of memory\n");
    kernel::exit(127);
  }
  return std::move(*pages).keep_forever().start.as<void>();
}

void* more_permanent_pages(size_t least, size_t& given) {
  static bool used = false;
  if (used || least > kFirstPiece) return new_pages(least, given);
  used = true;
  given = kFirstPiece;
  return first_permanent_piece;
}

constexpr size_t kMostScratchPieces = 64;
AddressRange scratch_pieces[kMostScratchPieces];
size_t scratch_piece_count = 0;
bool first_scratch_piece_used = false;

// Pieces beyond the table's capacity are kept: a few unused pages, no error.
void* more_scratch_pages(size_t least, size_t& given) {
  if (scratch_piece_count == 0 && !first_scratch_piece_used && least <= kFirstPiece) {
    first_scratch_piece_used = true;
    given = kFirstPiece;
    return first_scratch_piece;
  }
  void* pages = new_pages(least, given);
  if (scratch_piece_count < kMostScratchPieces) {
    scratch_pieces[scratch_piece_count++] = {Address(pages), Address(pages) + ByteCount(given)};
  }
  return pages;
}

}  // namespace

constinit Arena permanent_arena;
constinit Arena scratch_arena;

void set_up_arenas() {
  permanent_arena.take_pages_from(more_permanent_pages);
  scratch_arena.take_pages_from(more_scratch_pages);
}

void release_scratch_arena() {
  for (size_t i = 0; i < scratch_piece_count; ++i) {
    kernel::unmap(scratch_pieces[i].start, scratch_pieces[i].length());
  }
  scratch_piece_count = 0;
}

}  // namespace ldseal
