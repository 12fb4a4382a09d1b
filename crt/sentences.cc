// The sentences for what can happen to a program that seals itself; a row for each takes room in it.
#include <array>

#include "ldso/base/sentence_rows.h"

namespace ldseal {
namespace {

constexpr Fault kPossible[] = {
    Fault::kCannotOpen,      Fault::kUnknownRelocation,
    Fault::kCannotMap,       Fault::kCannotProtect,
    Fault::kBadStack,        Fault::kHasLoader,
    Fault::kUnknownSealWord, Fault::kUnknownSealClass,
    Fault::kCannotSeal,      Fault::kSystemMappingsUnknown,
};
constexpr size_t kCount = sizeof(kPossible) / sizeof(kPossible[0]);

consteval std::array<Sentence, kCount> choose() {
  std::array<Sentence, kCount> chosen = {};
  for (size_t i = 0; i < kCount; ++i) {
    for (const Sentence& sentence : kSentences) {
      if (sentence.fault == kPossible[i]) chosen[i] = sentence;
    }
  }
  return chosen;
}

constexpr std::array<Sentence, kCount> kChosen = choose();

}  // namespace

const Sentence* sentence_for(Fault fault) {
  for (const Sentence& sentence : kChosen) {
    if (sentence.fault == fault) return &sentence;
  }
  return nullptr;
}

}  // namespace ldseal
