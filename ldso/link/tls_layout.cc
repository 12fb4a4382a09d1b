// Each block keeps the skew of its p_vaddr: an offset that is congruent to it modulo the alignment.
#include "ldso/link/tls_layout.h"

#include "ldso/base/trace.h"

namespace ldseal {
namespace {

constexpr uint64_t kLargestBlock = uint64_t{1} << 32;

// Distance of the block's start from the thread pointer, below it.
uint64_t place_below(uint64_t used, const TlsBlock& block) {
  uint64_t distance = used + block.size.value;
  return distance + ((0 - distance - block.image.value) & (block.alignment - 1));
}

// Distance of the block's start from the thread pointer, above it.
uint64_t place_above(uint64_t used, const TlsBlock& block) {
  return used + ((block.image.value - used) & (block.alignment - 1));
}

// Gives `block` its place behind what is `used`, and says how much is used then.
uint64_t place(TlsBlock& block, TlsVariant variant, uint64_t used) {
  bool below = variant == TlsVariant::kBelowThreadPointer;
  uint64_t distance = below ? place_below(used, block) : place_above(used, block);
  block.offset = below ? -static_cast<int64_t>(distance) : static_cast<int64_t>(distance);
  return below ? distance : distance + block.size.value;
}

TlsLayout layout_of(uint64_t used, uint64_t alignment, TlsVariant variant, uint64_t header) {
  bool below = variant == TlsVariant::kBelowThreadPointer;
  TlsLayout layout;
  layout.alignment = alignment;
  layout.size = ByteCount(below ? round_up(used, alignment) : used - header);
  layout.start = below ? -static_cast<int64_t>(layout.size.value) : static_cast<int64_t>(header);
  return layout;
}

}  // namespace

TlsLayout lay_out_alone(TlsBlock& block, TlsVariant variant, uint64_t header) {
  uint64_t before = variant == TlsVariant::kBelowThreadPointer ? 0 : header;
  return layout_of(place(block, variant, before), block.alignment, variant, header);
}

Result<TlsLayout> lay_out_tls(std::span<Module* const> modules, TlsVariant variant,
                              uint64_t header) {
  TlsLayout layout;
  bool below = variant == TlsVariant::kBelowThreadPointer;
  uint64_t used = below ? 0 : header;
  for (Module* m : modules) {
    TlsBlock& block = m->tls;
    if (block.size.value == 0 || !m->is_ours_to_link()) continue;
    if (block.size.value > kLargestBlock || block.alignment > kLargestBlock ||
        used > kLargestBlock) {
      Error e = fault(Fault::kTlsTooLarge);
      e.object = m->display_name();
      e.field = "PT_TLS p_memsz";
      e.found = block.size.value;
      e.wanted = kLargestBlock;
      return e;
    }
    if (block.alignment > layout.alignment) layout.alignment = block.alignment;
    used = place(block, variant, used);
    trace::tell(Topic::kTls,
                {Event::kTlsLayout,
                 {m->display_name()},
                 {block.size.value, block.alignment, static_cast<uint64_t>(block.offset)}});
  }
  if (used == (below ? 0 : header)) return layout;
  return layout_of(used, layout.alignment, variant, header);
}

void copy_tls_image(const TlsBlock& own, LoadBias bias, const TlsLayout& layout, Address block) {
  uint64_t into = static_cast<uint64_t>(own.offset - layout.start);
  const void* image = (own.image + bias).as<const void>();
  __builtin_memcpy((block + ByteCount(into)).as<void>(), image, own.image_size.value);
}

void copy_tls_images(std::span<Module* const> modules, const TlsLayout& layout, Address block) {
  for (const Module* m : modules) {
    if (m->tls.image_size.value == 0 || !m->is_ours_to_link()) continue;
    copy_tls_image(m->tls, m->bias, layout, block);
  }
}

}  // namespace ldseal
