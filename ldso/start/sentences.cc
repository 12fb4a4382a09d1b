// Every sentence.
#include "ldso/start/sentences.h"

namespace ldseal {

const Sentence* sentence_for(Fault fault) {
  for (const Sentence& sentence : kSentences) {
    if (sentence.fault == fault) return &sentence;
  }
  return nullptr;
}

}  // namespace ldseal
