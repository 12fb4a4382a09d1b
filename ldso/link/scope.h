// The global scope: which object's definition a name binds to. Objects with few names, against the
// number of references to come, are merged into one hash table; the few big ones are asked
// directly, in their place in the order. So one look-up costs a probe of the table and of those
// few, however many objects there are, and nobody pays for indexing a hundred thousand names that
// three references will never ask for.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

struct Definition {
  Module* module = nullptr;  // null: nothing defines the name
  const Sym* symbol = nullptr;
};

class Scope {
 public:
  // `order` is the search order and must stay; `references` is about how many look-ups will come.
  // The table is made in `arena`.
  void build(std::span<Module* const> order, uint64_t references, Arena& arena);

  // The same for objects that have their numbers (scope_position) already, in whatever order they
  // are searched.
  void build_over_numbered(std::span<Module* const> order, uint64_t references, Arena& arena);

  // The first definition in the order; `skipped`, if given, is passed over (a COPY looks behind the
  // program).
  Definition find(const SymbolQuery& wanted, ReferenceKind kind,
                  const Module* skipped = nullptr) const;

  std::span<Module* const> order() const { return order_; }
  size_t indexed_names() const { return entry_count_; }

 private:
  // Small, because a page touched costs as much as a hundred look-ups.
  struct Entry {
    uint32_t
        key;  // gnu_hash with its lowest bit set, as DT_GNU_HASH chains lose that bit; 0: empty
    uint32_t place;  // position of the module in the order << symbol_bits_ | symbol
  };
  struct Direct {
    uint32_t position;
    Module* module;
  };

  bool worth_indexing(const Module& module, uint64_t references) const;
  void insert(uint32_t hash, uint32_t place);
  void insert_module(uint32_t position);
  Definition match(Module* module, uint32_t symbol, const SymbolQuery& wanted,
                   ReferenceKind kind) const;

  std::span<Module* const> order_;
  List<Direct> directs_;
  unsigned symbol_bits_ = 0;  // what the positions leave of a word
  Entry* entries_ = nullptr;
  uint32_t mask_ = 0;
  size_t entry_count_ = 0;
};

// How many look-ups linking these objects will make, at most: their undefined symbols and their own
// that may be preempted. Good enough to choose what to index.
uint64_t estimate_references(std::span<Module* const> modules);

}  // namespace ldseal
