// The global scope: which object's definition a name binds to. Objects with few names, against the number of
// references to come, are merged into one hash table; the few big ones are asked directly, in their place in the
// order. So one look-up costs a probe of the table and of those few, however many objects there are, and nobody pays
// for indexing a hundred thousand names that three references will never ask for.
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
  // `order` is the search order and must stay; `references` is about how many look-ups will come. The table is made in
  // `arena`.
  void build(std::span<Module* const> order, uint64_t references, Arena& arena);

  // The first definition in the order; `skipped`, if given, is passed over (a COPY looks behind the program).
  Definition find(const Wanted& wanted, ReferenceKind kind, const Module* skipped = nullptr) const;

  std::span<Module* const> order() const { return order_; }
  size_t indexed_names() const { return entry_count_; }

 private:
  // Small, because a page touched costs as much as a hundred look-ups.
  struct Entry {
    uint32_t key;     // gnu_hash with its lowest bit set, as DT_GNU_HASH chains lose that bit; 0: empty
    uint32_t number;  // of the symbol, counted through all indexed modules
  };
  struct Indexed {
    uint32_t first_number;  // of the module's symbol 0
    uint32_t position;      // in the order
  };
  struct Direct {
    uint32_t position;
    Module* module;
  };

  void insert(uint32_t hash, uint32_t number);
  void insert_module(const Indexed& indexed);
  const Indexed& indexed_module(uint32_t number) const;
  Definition match(Module* module, uint32_t symbol, const Wanted& wanted, ReferenceKind kind) const;

  std::span<Module* const> order_;
  List<Direct> directs_;
  List<Indexed> indexed_;
  Entry* entries_ = nullptr;
  uint32_t mask_ = 0;
  size_t entry_count_ = 0;
};

// How many look-ups linking these objects will make, at most: their undefined symbols and their own that may be
// preempted. Good enough to choose what to index.
uint64_t estimate_references(std::span<Module* const> modules);

}  // namespace ldseal
