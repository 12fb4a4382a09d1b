// The two hash tables over symbols: DT_HASH (gABI) and DT_GNU_HASH (GNU). elf/tables.cc checks the
// tables before it makes these views.
#pragma once

#include <cstdint>

namespace ldseal {

// h = h * 33 + byte, four bytes in one step: the multiplications of one step do not wait for each
// other.
constexpr uint32_t gnu_hash(const char* name) {
  uint32_t h = 5381;
  for (;; name += 4) {
    auto byte = [name](int i) {
      return static_cast<uint32_t>(static_cast<unsigned char>(name[i]));
    };
    if (byte(0) == 0) return h;
    if (byte(1) == 0) return h * 33 + byte(0);
    if (byte(2) == 0) return h * (33 * 33) + (byte(0) * 33 + byte(1));
    if (byte(3) == 0) return h * (33 * 33 * 33) + (byte(0) * (33 * 33) + byte(1) * 33 + byte(2));
    h = h * (33 * 33 * 33 * 33) +
        (byte(0) * (33 * 33 * 33) + byte(1) * (33 * 33) + (byte(2) * 33 + byte(3)));
  }
}

constexpr uint32_t sysv_hash(const char* name) {
  uint32_t h = 0;
  for (; *name != '\0'; ++name) {
    h = (h << 4) + static_cast<unsigned char>(*name);
    h ^= (h >> 24) & 0xf0;
  }
  return h & 0x0fffffff;
}

// DT_GNU_HASH. Every bucket is 0 or at least `first_symbol`. Every chain ends inside the table.
struct GnuHash {
  uint32_t bucket_count = 0;
  uint32_t first_symbol = 0;  // symbols below this are not in the table (undefined or local)
  uint32_t end_symbol = 0;    // one past the last symbol in the table
  uint32_t bloom_mask = 0;    // number of Bloom words - 1
  uint32_t bloom_shift = 0;
  const uint64_t* bloom = nullptr;
  const uint32_t* buckets = nullptr;
  const uint32_t* chains = nullptr;  // indexed by symbol - first_symbol

  const uint64_t& bloom_word(uint32_t hash) const { return bloom[(hash / 64) & bloom_mask]; }
  const uint32_t& bucket(uint32_t hash) const { return buckets[hash % bucket_count]; }
  // The chain in which a symbol with this hash can be; 0: there is none.
  uint32_t chain_of(uint32_t hash) const { return may_have(hash) ? bucket(hash) : 0; }
  // The first symbol with this hash from `index` on to the end of its chain; 0: there is none.
  uint32_t first_from(uint32_t index, uint32_t hash) const {
    for (;; ++index) {
      const uint32_t entry = chains[index - first_symbol];
      if (((entry ^ hash) >> 1) == 0) return index;
      if ((entry & 1) != 0) return 0;
    }
  }
  bool ends_chain(uint32_t index) const { return (chains[index - first_symbol] & 1) != 0; }

  bool may_have(uint32_t hash) const {
    uint64_t word = bloom_word(hash);
    return ((word >> (hash % 64)) & (word >> ((hash >> bloom_shift) % 64)) & 1) != 0;
  }
};

// DT_HASH. The two arrays are inside the object, but their contents are checked only during a
// look-up: nearly every object has a DT_GNU_HASH, which is used instead.
struct SysvHash {
  uint32_t bucket_count = 0;
  uint32_t chain_count = 0;
  const uint32_t* buckets = nullptr;
  const uint32_t* chains = nullptr;
};

}  // namespace ldseal
