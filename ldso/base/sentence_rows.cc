// All of them.
#include "ldso/base/sentence_rows.h"

namespace ldseal {

const Sentence* sentence_for(Fault fault) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.fault == fault) return &sentence;
  }
  return nullptr;
}

}  // namespace ldseal
