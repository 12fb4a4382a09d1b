// Which parts of the surplus (link/tls_layout.h) are in use. A block gets the first free place that
// is wide enough, so that places that were given back are used again.
#pragma once

#include <array>
#include <optional>

#include "ldso/link/tls_layout.h"

namespace ldseal {

class TlsSurplus {
 public:
  constexpr TlsSurplus() = default;
  // Makes it `more` bytes larger than kTlsSurplus. Before anything is in it.
  void widen(ByteCount more) { more_ = more; }

  // Takes a place for `block`, with the skew of its image. Returns its offset from the start of the
  // surplus in bytes, or nothing if no place is wide enough. The block's alignment must not be
  // larger than kTlsSurplusAlignment.
  std::optional<uint64_t> take(const TlsBlock& block) {
    for (size_t first = 0; first < size().value / kGrain; ++first) {
      uint64_t start = first * kGrain;
      uint64_t offset = start + ((block.image.value - start) & (block.alignment - 1));
      if (offset / kGrain != first) continue;
      if (!range_fits(offset, block.size.value, size().value)) continue;
      if (!is_free(first, end_of(offset, block.size))) continue;
      mark(first, end_of(offset, block.size), true);
      return offset;
    }
    return std::nullopt;
  }
  void give_back(uint64_t offset, ByteCount size) {
    mark(offset / kGrain, end_of(offset, size), false);
  }
  ByteCount left() const {
    uint64_t count = 0;
    for (size_t i = 0; i < size().value / kGrain; ++i) count += is_used(i) ? 0 : 1;
    return ByteCount(count * kGrain);
  }

 private:
  static constexpr uint64_t kGrain = 16;

  ByteCount size() const { return kTlsSurplus + more_; }

  static size_t end_of(uint64_t offset, ByteCount size) {
    return round_up(offset + size.value, kGrain) / kGrain;
  }
  static uint64_t bit(size_t grain) { return uint64_t{1} << grain % kBits; }
  bool is_used(size_t grain) const { return (used_[grain / kBits] & bit(grain)) != 0; }
  bool is_free(size_t first, size_t end) const {
    while (first < end && !is_used(first)) ++first;
    return first == end;
  }
  void mark(size_t first, size_t end, bool used) {
    for (; first < end; ++first) {
      uint64_t& word = used_[first / kBits];
      word = used ? word | bit(first) : word & ~bit(first);
    }
  }

  static constexpr size_t kBits = 64;
  ByteCount more_;
  std::array<uint64_t, kMostTlsSurplus.value / kGrain / kBits + 1> used_ = {};
};

}  // namespace ldseal
