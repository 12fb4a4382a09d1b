// Fuzzes the notes of an object: one byte that says how they are aligned, then the bytes of a PT_NOTE.
#include <cstdlib>
#include <cstring>

#include "ldso/elf/notes.h"
#include "ldso/seal/policy.h"
#include "ldso/words/report.h"
#include "tests/fuzz/exact_arena.h"

namespace ldseal::fuzz {
namespace {

Phdr header(uint32_t type, uint64_t size, uint64_t alignment) {
  return {type, PF_R, 0, 0, 0, size, size, alignment};
}

void read_notes(std::span<const unsigned char> notes, uint64_t alignment) {
  void* image = std::malloc(notes.size());
  std::memcpy(image, notes.data(), notes.size());
  const Phdr headers[] = {header(PT_LOAD, notes.size(), 4096),
                          header(PT_NOTE, notes.size(), alignment)};
  ImageView view = ImageView::of_memory(headers, LoadBias(Address(image).value));
  ExactArena arena;
  Policy policy;
  if (Status s = apply_note(policy, headers, view, "program", arena); !s) report(s.error());
  for (uint32_t property : {0u, 3u}) {
    has_empty_property(headers, view, property);
    read_features({image, notes.size()}, property);
  }
  std::free(image);
}

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  ldseal::fuzz::read_notes({data + 1, size - 1}, data[0] % 2 == 0 ? 4 : 8);
  return 0;
}
