// The global scope: it decides which object's definition a name binds to. Most objects are merged
// into one hash table. Big objects with few references to come are searched directly, in their
// place in the order, because indexing all their names would cost more.
#pragma once

#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

struct Definition {
  Module* module = nullptr;
  const Sym* symbol = nullptr;
  bool is_there() const { return module != nullptr; }
};

// The result of a search for an undefined name.
inline constexpr Definition kNotDefined = {};

// What a weak definition does where a strong one comes after it in the search order. It gives way
// only under LD_DYNAMIC_WEAK (ld.so(8)).
enum class WeakDefinitions : bool { kCount, kGiveWay };

// Does nothing that comes later in the search order matter?
inline bool settles(const Definition& found, WeakDefinitions weak) {
  return found.is_there() &&
         (weak == WeakDefinitions::kCount || symbol_binding(*found.symbol) != STB_WEAK);
}
// The result of a search in two parts: `next()` searches the second one.
template <class Next>
Definition first_or(const Definition& first, WeakDefinitions weak, Next next) {
  if (settles(first, weak)) return first;
  Definition second = next();
  return settles(second, weak) || !first.is_there() ? second : first;
}

class Scope {
 public:
  explicit Scope(WeakDefinitions weak = WeakDefinitions::kCount) : weak_(weak) {}

  // Builds the scope from `order`, the search order, which must outlive it. `references` is about
  // how many look-ups will come. The table is made in `arena`.
  void build(std::span<Module* const> order, uint64_t references, Arena& arena);

  // The same for objects that are numbered already (scope_position), in any search order.
  void build_over_numbered(std::span<Module* const> order, uint64_t references, Arena& arena);

  // Returns the first definition in the order. Skips the module `skipped` if it is not null: a COPY
  // relocation looks for the definition behind the program.
  Definition find(const SymbolQuery& wanted, ReferenceKind kind,
                  const Module* skipped = nullptr) const;

  // Parts of a search to come (look_ahead.h). Each reads what the one before it has asked for.
  void prefetch_tables(uint32_t hash) const;
  // The first object that is searched directly and may have the name; null: none may.
  Module* likely_direct(uint32_t hash) const;
  // The definition whose name find() will compare first, if `direct` is that object.
  Definition first_candidate(uint32_t hash, Module* direct) const;

  std::span<Module* const> order() const { return order_; }
  size_t indexed_names() const { return entry_count_; }

 private:
  // Small, because touching a page costs as much as a hundred look-ups.
  struct Entry {
    // gnu_hash with its lowest bit set, because DT_GNU_HASH chains lose that bit; 0: empty.
    uint32_t key;
    uint32_t place;  // position of the module in the order << symbol_bits_ | symbol
  };
  struct Direct {
    uint32_t position;
    Module* module;
  };

  bool worth_indexing(const Module& module, uint64_t references) const;
  Definition find_one_by_one(const SymbolQuery& wanted, ReferenceKind kind,
                             const Module* skipped) const;
  // The entry at which the search for a key begins.
  uint32_t first_of(uint32_t key) const;
  uint32_t next_of(uint32_t at) const;
  void insert(uint32_t hash, uint32_t place);
  void insert_module(uint32_t position);
  Definition match(Module* module, uint32_t symbol, const SymbolQuery& wanted,
                   ReferenceKind kind) const;

  WeakDefinitions weak_;
  std::span<Module* const> order_;
  List<Direct> directs_;
  unsigned symbol_bits_ = 0;  // the bits of a word that positions do not need
  Entry* entries_ = nullptr;
  uint32_t capacity_ = 0;
  size_t entry_count_ = 0;
};

// Moves what filters stand for (DT_FILTER, DT_AUXILIARY) directly before them in a search order.
void put_filtees_first(std::span<Module*> order, Arena& scratch);

// Returns an upper bound of the look-ups for linking these objects: their undefined symbols and
// their preemptible definitions. It is good enough to decide which objects to index.
uint64_t estimate_references(std::span<Module* const> modules);

}  // namespace ldseal
