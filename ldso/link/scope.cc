// Entries with equal keys are in the order of insertion along the probe sequence, and modules are
// inserted in scope order. So the first match is the first in the scope.
#include "ldso/link/scope.h"

#include <algorithm>
#include <bit>

namespace ldseal {
namespace {

// Distributes keys with equal high bits over the table.
uint32_t spread(uint32_t key) { return key * 0x9e3779b1u; }

// Is `definition` this table's own entry? Then the query matches in its own object without a
// look-up.
bool holds(const SymbolTable& table, const Sym* definition) {
  return definition != nullptr && definition >= table.symbols &&
         definition < table.symbols + table.count;
}

}  // namespace

// Moves `filtee` before the filter at `at`, unless it stands there already. True: it was moved.
static bool move_before(std::span<Module*> order, size_t at, const Module* filtee) {
  auto filter = order.begin() + static_cast<ptrdiff_t>(at);
  auto from = std::find(filter, order.end(), filtee);
  if (from == order.end()) return false;
  std::rotate(filter, from, from + 1);
  return true;
}

// Each filter counts once, however they stand for each other. What was moved may be a filter
// itself.
void put_filtees_first(std::span<Module*> order, Arena& scratch) {
  List<const Module*> done;
  for (size_t i = 0; i < order.size();) {
    const Module* filter = order[i];
    bool is_done = filter->filtees.empty();
    for (size_t n = 0; n < done.size() && !is_done; ++n) is_done = done[n] == filter;
    if (is_done) {
      ++i;
      continue;
    }
    done.add(scratch, filter);
    size_t at = i;
    for (const Module* filtee : filter->filtees) at += move_before(order, at, filtee) ? 1 : 0;
  }
}

uint64_t estimate_references(std::span<Module* const> modules) {
  uint64_t sum = 0;
  for (const Module* m : modules) {
    if (!m->is_linked_by_us()) continue;
    const GnuHash& gnu = m->symbols().gnu;
    uint64_t undefined = gnu.bloom != nullptr ? gnu.first_symbol : m->symbols().count;
    uint64_t named = m->tables.plt.size() + (m->tables.rela.size() - m->dynamic.relative_count);
    sum += undefined < named ? undefined : named;
  }
  return sum;
}

// Inserting a name costs about four times as much as searching one big object directly in one
// look-up.
bool Scope::worth_indexing(const Module& module, uint64_t references) const {
  const SymbolTable& table = module.symbols();
  return table.exported_count() <= references / 4 && table.count <= uint64_t{1} << symbol_bits_;
}

void Scope::build(std::span<Module* const> order, uint64_t references, Arena& arena) {
  for (uint32_t i = 0; i < order.size(); ++i) order[i]->scope_position = i;
  build_over_numbered(order, references, arena);
}

void Scope::build_over_numbered(std::span<Module* const> order, uint64_t references, Arena& arena) {
  order_ = order;
  symbol_bits_ = 32 - static_cast<unsigned>(std::bit_width(order.size()));
  uint64_t names = 0;
  for (uint32_t i = 0; i < order.size(); ++i) {
    const SymbolTable& table = order[i]->symbols();
    if (table.count == 0) continue;
    if (worth_indexing(*order[i], references)) {
      names += table.exported_count();
    } else {
      directs_.add(arena, {i, order[i]});
    }
  }
  const uint64_t capacity = names + names / 2 + 1;  // one entry stays empty and ends a search
  entries_ = arena.make_zeroed_array<Entry>(capacity);
  capacity_ = static_cast<uint32_t>(capacity);
  for (uint32_t i = 0; i < order.size(); ++i) {
    if (order[i]->symbols().count != 0 && worth_indexing(*order[i], references)) insert_module(i);
  }
}

uint32_t Scope::first_of(uint32_t key) const {
  return static_cast<uint32_t>(uint64_t{spread(key)} * capacity_ >> 32);
}

uint32_t Scope::next_of(uint32_t at) const { return at + 1 == capacity_ ? 0 : at + 1; }

void Scope::insert(uint32_t hash, uint32_t place) {
  uint32_t key = hash | 1;
  uint32_t at = first_of(key);
  while (entries_[at].key != 0) at = next_of(at);
  entries_[at] = {key, place};
  ++entry_count_;
}

void Scope::insert_module(uint32_t position) {
  const SymbolTable& table = order_[position]->symbols();
  const uint32_t start = position << symbol_bits_;
  const GnuHash& gnu = table.gnu;
  if (gnu.bloom != nullptr) {
    for (uint32_t i = gnu.first_symbol; i < gnu.end_symbol; ++i) {
      insert(gnu.chains[i - gnu.first_symbol], start | i);
    }
    return;
  }
  for (uint32_t i = 1; i < table.count; ++i) {
    const Sym& s = table.symbols[i];
    if (symbol_binding(s) != STB_LOCAL && (s.st_shndx != SHN_UNDEF || s.st_value != 0)) {
      insert(gnu_hash(table.name(s)), start | i);
    }
  }
}

Definition Scope::match(Module* module, uint32_t symbol, const SymbolQuery& wanted,
                        ReferenceKind kind) const {
  const SymbolTable& table = module->symbols();
  if (!defines(table, symbol, wanted, kind)) return kNotDefined;
  switch (version_matches(table, symbol, wanted)) {
    case VersionMatch::kYes:
      return {module, &table.symbols[symbol]};
    case VersionMatch::kNo:
      return kNotDefined;
    case VersionMatch::kOnlyIfSingle: {
      const Sym* only = find_symbol(table, wanted, kind);
      return only == nullptr ? kNotDefined : Definition{module, only};
    }
  }
  return {};
}

// The table only gives the first definition.
Definition Scope::find_one_by_one(const SymbolQuery& wanted, ReferenceKind kind,
                                  const Module* skipped) const {
  Definition found;
  for (Module* m : order_) {
    if (m == skipped) continue;
    const Sym* symbol = find_symbol(m->symbols(), wanted, kind);
    Definition here = symbol == nullptr ? kNotDefined : Definition{m, symbol};
    found = first_or(found, weak_, [&] { return here; });
    if (settles(found, weak_)) return found;
  }
  return found;
}

Definition Scope::find(const SymbolQuery& wanted, ReferenceKind kind, const Module* skipped) const {
  if (weak_ == WeakDefinitions::kGiveWay) return find_one_by_one(wanted, kind, skipped);
  const Direct* direct = directs_.begin();
  const Direct* directs_end = directs_.end();
  auto ask_directs_before = [&](uint32_t position) -> Definition {
    for (; direct != directs_end && direct->position < position; ++direct) {
      if (direct->module == skipped) continue;
      const SymbolTable& table = direct->module->symbols();
      if (holds(table, wanted.own_definition)) return {direct->module, wanted.own_definition};
      if (const Sym* s = find_symbol(table, wanted, kind)) return {direct->module, s};
    }
    return {};
  };
  uint32_t key = wanted.hash | 1;
  for (uint32_t at = first_of(key); entries_[at].key != 0; at = next_of(at)) {
    if (entries_[at].key != key) continue;
    uint32_t position = entries_[at].place >> symbol_bits_;
    uint32_t symbol = entries_[at].place & ((uint32_t{1} << symbol_bits_) - 1);
    Module* module = order_[position];
    if (module == skipped) continue;
    Definition here = match(module, symbol, wanted, kind);
    if (!here.is_there()) continue;
    Definition before = ask_directs_before(position);
    return before.is_there() ? before : here;
  }
  return ask_directs_before(UINT32_MAX);
}

void Scope::prefetch_tables(uint32_t hash) const {
  __builtin_prefetch(&entries_[first_of(hash | 1)]);
  for (const Direct& direct : directs_) {
    const GnuHash& gnu = direct.module->symbols().gnu;
    if (gnu.bloom != nullptr) __builtin_prefetch(&gnu.bloom_word(hash));
  }
}

Module* Scope::likely_direct(uint32_t hash) const {
  for (const Direct& direct : directs_) {
    const GnuHash& gnu = direct.module->symbols().gnu;
    if (gnu.bloom != nullptr && gnu.may_have(hash)) return direct.module;
  }
  return nullptr;
}

Definition Scope::first_candidate(uint32_t hash, Module* direct) const {
  const uint32_t key = hash | 1;
  for (uint32_t at = first_of(key); entries_[at].key != 0; at = next_of(at)) {
    if (entries_[at].key != key) continue;
    Module* module = order_[entries_[at].place >> symbol_bits_];
    const uint32_t symbol = entries_[at].place & ((uint32_t{1} << symbol_bits_) - 1);
    return {module, &module->symbols().symbols[symbol]};
  }
  if (direct == nullptr) return kNotDefined;
  const SymbolTable& table = direct->symbols();
  uint32_t symbol = table.gnu.chain_of(hash);
  if (symbol != 0) symbol = table.gnu.first_from(symbol, hash);
  return symbol == 0 ? kNotDefined : Definition{direct, &table.symbols[symbol]};
}

}  // namespace ldseal
