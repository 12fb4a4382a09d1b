// Each block's offset is congruent to its p_vaddr modulo the alignment.
#include "ldso/link/tls_layout.h"

#include <cstddef>

#include "ldso/base/text.h"
#include "ldso/base/trace.h"

namespace ldseal {
namespace {

constexpr uint64_t kLargestBlock = uint64_t{1} << 32;

// Returns the distance from the thread pointer down to the block's start.
uint64_t place_below(uint64_t used, const TlsBlock& block) {
  uint64_t distance = used + block.size.value;
  return distance + ((0 - distance - block.image.value) & (block.alignment - 1));
}

// Returns the distance from the thread pointer up to the block's start.
uint64_t place_above(uint64_t used, const TlsBlock& block) {
  return used + ((block.image.value - used) & (block.alignment - 1));
}

// The sizes of ThreadArea and the surplus, which follow the modules' blocks.
struct LoaderParts {
  uint64_t words = offsetof(ThreadArea, slots);
  uint64_t surplus = 0;
  uint64_t surplus_alignment = 1;
};

LoaderParts parts_for(TlsRoom room, ByteCount more_surplus) {
  if (room == TlsRoom::kNone) return {};
  return {sizeof(ThreadArea), (kTlsSurplus + more_surplus).value, kTlsSurplusAlignment};
}

void reserve_below(TlsLayout& layout, uint64_t used, const LoaderParts& parts) {
  uint64_t words = round_up(used + parts.words, alignof(ThreadArea));
  uint64_t surplus = round_up(words + parts.surplus, parts.surplus_alignment);
  layout.words = -static_cast<int64_t>(words);
  layout.surplus = -static_cast<int64_t>(surplus);
  layout.size = ByteCount(round_up(surplus, layout.alignment));
  layout.start = -static_cast<int64_t>(layout.size.value);
}

void reserve_above(TlsLayout& layout, uint64_t used, uint64_t header, const LoaderParts& parts) {
  uint64_t words = round_up(used, alignof(ThreadArea));
  uint64_t surplus = round_up(words + parts.words, parts.surplus_alignment);
  layout.words = static_cast<int64_t>(words);
  layout.surplus = static_cast<int64_t>(surplus);
  layout.size = ByteCount(surplus + parts.surplus - header);
  layout.start = static_cast<int64_t>(header);
}

}  // namespace

Result<TlsLayout> lay_out_tls(std::span<Module* const> modules, TlsVariant variant, uint64_t header,
                              TlsRoom room, ByteCount more_surplus) {
  TlsLayout layout;
  layout.room = room;
  if (room == TlsRoom::kForOpened) layout.more_surplus = more_surplus;
  LoaderParts parts = parts_for(room, more_surplus);
  layout.alignment =
      parts.surplus_alignment > alignof(ThreadArea) ? parts.surplus_alignment : alignof(ThreadArea);
  bool below = variant == TlsVariant::kBelowThreadPointer;
  uint64_t used = below ? 0 : header;
  for (Module* m : modules) {
    TlsBlock& block = m->tls;
    if (block.size.value == 0 || !m->is_linked_by_us()) continue;
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
    uint64_t distance = below ? place_below(used, block) : place_above(used, block);
    block.offset = below ? -static_cast<int64_t>(distance) : static_cast<int64_t>(distance);
    used = below ? distance : distance + block.size.value;
    trace::log(Topic::kTls,
               {Event::kTlsLayout,
                {m->display_name()},
                {block.size.value, block.alignment, static_cast<uint64_t>(block.offset)}});
  }
  if (below) {
    reserve_below(layout, used, parts);
  } else {
    reserve_above(layout, used, header, parts);
  }
  return layout;
}

bool may_open_objects(std::span<Module* const> modules) {
  constexpr char kOpening[][8] = {"dlopen", "dlmopen", "dlsym", "dlvsym"};
  auto opens = [&](const char* name) {
    for (const auto& opening : kOpening) {
      if (equal(name, opening)) return true;
    }
    return false;
  };
  for (const Module* m : modules) {
    const SymbolTable& table = m->symbols();
    if (!m->is_linked_by_us()) continue;
    for (uint32_t i = 1; i < table.count; ++i) {
      if (table.symbols[i].st_shndx == SHN_UNDEF && opens(table.name(table.symbols[i])))
        return true;
    }
  }
  return false;
}

TlsLayout lay_out_alone(TlsBlock& block, TlsVariant variant, uint64_t header) {
  TlsLayout layout;
  layout.alignment = block.alignment;
  if (variant == TlsVariant::kBelowThreadPointer) {
    uint64_t distance = place_below(0, block);
    layout.size = ByteCount(round_up(distance, layout.alignment));
    layout.start = -static_cast<int64_t>(layout.size.value);
    block.offset = -static_cast<int64_t>(distance);
  } else {
    uint64_t distance = place_above(header, block);
    layout.size = block.size + ByteCount(distance - header);
    layout.start = static_cast<int64_t>(header);
    block.offset = static_cast<int64_t>(distance);
  }
  return layout;
}

void copy_tls_image(const TlsBlock& own, LoadBias bias, const TlsLayout& layout, Address block) {
  uint64_t into = static_cast<uint64_t>(own.offset - layout.start);
  const void* image = (own.image + bias).as<const void>();
  __builtin_memcpy((block + ByteCount(into)).as<void>(), image, own.image_size.value);
}

void copy_tls_images(std::span<Module* const> modules, const TlsLayout& layout, Address block) {
  for (const Module* m : modules) {
    if (m->tls.image_size.value == 0 || !m->is_linked_by_us()) continue;
    copy_tls_image(m->tls, m->bias, layout, block);
  }
}

}  // namespace ldseal
