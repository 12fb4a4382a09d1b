// Damage to the two symbol hashes.
#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

Error bad_hash(const char* field, uint64_t found, uint64_t wanted) {
  return error_in(Fault::kBadHashTable, field, found, wanted);
}
Error outside(const char* field, uint64_t at, uint64_t size) {
  return error_at(Place::kVaddr, at, error_in(Fault::kTableOutside, field, at, size));
}

void without_sysv_hash(ObjectSpec& s) { s.sysv_hash = false; }

uint64_t fixed_size(ElfImage& e) {
  return 16 + uint64_t{e.gnu_hash_word(2)} * 8 + uint64_t{e.gnu_hash_word(0)} * 4;
}

}  // namespace

const std::vector<DamageCase>& hash_cases() {
  static const std::vector<DamageCase> cases = {
      {"GnuHashHasNoBucket", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(0) = 0;
         return bad_hash("DT_GNU_HASH nbuckets", 0, 1);
       }},
      {"GnuHashHasNoBloomWord", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(2) = 0;
         return bad_hash("DT_GNU_HASH bloom_size", 0, 1);
       }},
      {"GnuHashHasThreeBloomWords", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(2) = 3;
         return bad_hash("DT_GNU_HASH bloom_size", 3, 1);
       }},
      {"GnuHashShiftsByAWord", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(3) = 32;  // hashes have 32 bits
         return bad_hash("DT_GNU_HASH bloom_shift", 32, 31);
       }},
      {"GnuHashBucketIsBelowTheFirstSymbol", Stage::kTables,
       [](ElfImage& e) {
         uint32_t first = e.gnu_hash_word(1);
         e.gnu_hash_word(e.gnu_bucket(0)) = first - 1;
         return bad_hash("DT_GNU_HASH bucket", first - 1, first);
       }},
      {"GnuHashBucketIsBehindTheTable", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(e.gnu_bucket(0)) = 0x10000000;
         uint64_t room = e.places.text_end - e.places.gnu_hash - fixed_size(e);
         return bad_hash("DT_GNU_HASH chain", 0x10000000, e.gnu_hash_word(1) + room / 4);
       },
       without_sysv_hash},
      {"GnuHashFirstSymbolMakesTheCountWrap", Stage::kTables,
       [](ElfImage& e) {
         uint32_t last = UINT32_MAX;
         for (uint32_t i = 0; i < e.gnu_hash_word(0); ++i) e.gnu_hash_word(e.gnu_bucket(i)) = last;
         e.gnu_hash_word(1) = last;
         e.gnu_hash_word(e.gnu_chain(0)) |= 1;
         return bad_hash("DT_GNU_HASH chain", uint64_t{UINT32_MAX} + 1, UINT32_MAX);
       },
       without_sysv_hash},
      {"GnuHashIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic_value(DT_GNU_HASH) = 0x10000000;
         return outside("DT_GNU_HASH", 0x10000000, 16);
       }},
      {"GnuHashIsNotAligned", Stage::kTables,
       [](ElfImage& e) {
         // The four words of its head come with it.
         uint64_t at = e.places.gnu_hash;
         for (int i = 4; i > 0; --i) e.at<uint32_t>(at + i * 4) = e.at<uint32_t>(at + i * 4 - 4);
         e.dynamic_value(DT_GNU_HASH) = at + 4;
         return outside("DT_GNU_HASH", at + 4,
                        16 + e.at<uint32_t>(at + 12) * 8 + e.at<uint32_t>(at + 4) * 4);
       }},
      {"GnuHashHasMoreBucketsThanItsSegmentHasRoom", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(0) = UINT32_MAX;
         return outside("DT_GNU_HASH", e.places.gnu_hash, fixed_size(e));
       }},
      {"GnuHashHasMoreBloomWordsThanItsSegmentHasRoom", Stage::kTables,
       [](ElfImage& e) {
         e.gnu_hash_word(2) = 0x80000000;
         return outside("DT_GNU_HASH", e.places.gnu_hash, fixed_size(e));
       }},
      {"GnuHashFirstSymbolIsBehindTheSymbolTable", Stage::kTables,
       [](ElfImage& e) {
         for (uint32_t i = 0; i < e.gnu_hash_word(0); ++i) e.gnu_hash_word(e.gnu_bucket(i)) = 0;
         e.gnu_hash_word(1) = 0x1000000;
         return outside("DT_SYMTAB", e.places.symbols, 0x1000000 * sizeof(Sym));
       },
       without_sysv_hash},
      {"SysvHashIsInNoSegment", Stage::kTables,
       [](ElfImage& e) {
         e.dynamic_value(DT_HASH) = 0x10000000;
         return outside("DT_HASH", 0x10000000, 8);
       }},
      {"SysvHashIsNotAligned", Stage::kTables,
       [](ElfImage& e) { return outside("DT_HASH", e.dynamic_value(DT_HASH) += 2, 8); }},
      {"SysvHashHasMoreBucketsThanItsSegmentHasRoom", Stage::kTables,
       [](ElfImage& e) {
         e.sysv_hash_word(0) = UINT32_MAX;
         return outside("DT_HASH", e.places.sysv_hash,
                        (2 + uint64_t{UINT32_MAX} + e.sysv_hash_word(1)) * 4);
       }},
      {"SysvHashCountsMoreSymbolsThanItsSegmentHasRoom", Stage::kTables,
       [](ElfImage& e) {
         e.sysv_hash_word(1) = 0x1000000;
         return outside("DT_HASH", e.places.sysv_hash, (2 + e.sysv_hash_word(0) + 0x1000000) * 4);
       }},
  };
  return cases;
}

}  // namespace ldseal::damage
