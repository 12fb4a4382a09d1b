// See look_ahead.h.
#include "ldso/link/look_ahead.h"

namespace ldseal {

const Sym* LookAhead::symbol_at(size_t at) const {
  if (at >= list_.size()) return nullptr;
  const uint32_t index = relocation_symbol(list_[at]);
  const bool is_again = at != 0 && relocation_symbol(list_[at - 1]) == index;
  return index == 0 || index >= table_.count || is_again ? nullptr : &table_.symbols[index];
}

void LookAhead::step_to_symbol(size_t at) const {
  if (const Sym* symbol = symbol_at(at)) __builtin_prefetch(symbol);
}

void LookAhead::step_to_name(size_t at) const {
  if (const Sym* symbol = symbol_at(at)) __builtin_prefetch(table_.name(*symbol));
}

// A definition is found before its own tables are searched.
void LookAhead::step_to_tables(size_t at) {
  Coming& next = coming(at);
  const Sym* symbol = symbol_at(at);
  next.is_elsewhere = symbol != nullptr && symbol->st_shndx == SHN_UNDEF;
  next.hash = 0;
  if (symbol == nullptr || symbol_binding(*symbol) == STB_LOCAL) return;
  next.hash = table_.hash_of(table_.index_of(*symbol));
  scope_.prefetch_tables(next.hash);
}

void LookAhead::step_to_bucket(size_t at) {
  Coming& next = coming(at);
  if (!next.is_elsewhere) return;
  next.direct = scope_.likely_direct(next.hash);
  if (next.direct != nullptr) __builtin_prefetch(&next.direct->symbols().gnu.bucket(next.hash));
}

void LookAhead::step_to_chain(size_t at) {
  const Coming& next = coming(at);
  if (!next.is_elsewhere || next.direct == nullptr) return;
  const GnuHash& gnu = next.direct->symbols().gnu;
  if (const uint32_t index = gnu.bucket(next.hash))
    __builtin_prefetch(&gnu.chains[index - gnu.first_symbol]);
}

void LookAhead::step_to_definition(size_t at) {
  Coming& next = coming(at);
  if (!next.is_elsewhere) return;
  next.candidate = scope_.first_candidate(next.hash, next.direct);
  if (next.candidate.is_there()) __builtin_prefetch(next.candidate.symbol);
}

void LookAhead::step_to_defined_name(size_t at) {
  const Coming& next = coming(at);
  if (!next.is_elsewhere || !next.candidate.is_there()) return;
  __builtin_prefetch(next.candidate.module->symbols().name(*next.candidate.symbol));
}

}  // namespace ldseal
