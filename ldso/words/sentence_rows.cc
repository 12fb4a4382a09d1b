// Finds a sentence among all rows. crt/ links its own subset instead (crt/sentences.cc).
#include "ldso/words/sentence_rows.h"

namespace ldseal {

const char* sentence_for(Fault fault) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.fault == fault) return sentence.text;
  }
  return nullptr;
}

}  // namespace ldseal
