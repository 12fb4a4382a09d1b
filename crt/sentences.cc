// The sentences for the faults that can occur in a static program. Each row takes room in the
// program.
#include <array>
#include <string_view>

#include "ldso/words/sentence_rows.h"

namespace ldseal {
namespace {

constexpr Fault kPossible[] = {
    Fault::kCannotOpen,
    Fault::kUnknownRelocation,
    Fault::kCannotMap,
    Fault::kCannotProtect,
    Fault::kBadStack,
    Fault::kNoStandardDescriptor,
    Fault::kHasLoader,
    Fault::kUnknownSealWord,
    Fault::kUnknownSealClass,
    Fault::kCannotSeal,
    Fault::kSystemMappingsUnknown,
};

constexpr std::string_view text_of(Fault fault) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.fault == fault) return sentence.text;
  }
  return {};
}

consteval size_t packed_size() {
  size_t size = 0;
  for (Fault fault : kPossible) size += text_of(fault).size() + 2;
  return size;
}

// Packs the rows one behind the other: the fault, its text and a NUL.
consteval std::array<char, packed_size()> pack() {
  std::array<char, packed_size()> packed = {};
  size_t at = 0;
  for (Fault fault : kPossible) {
    packed[at++] = static_cast<char>(fault);
    for (char c : text_of(fault)) packed[at++] = c;
    packed[at++] = '\0';
  }
  return packed;
}

constexpr std::array<char, packed_size()> kPacked = pack();

}  // namespace

const char* sentence_for(Fault fault) {
  const char* row = kPacked.data();
  for (size_t i = 0; i < sizeof(kPossible); ++i) {
    const char* text = row + 1;
    if (*row == static_cast<char>(fault)) return text;
    row = text + __builtin_strlen(text) + 1;
  }
  return nullptr;
}

}  // namespace ldseal
