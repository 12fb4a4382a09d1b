// Asks the processor for the memory that the look-ups of the next relocations will read: symbols,
// hash tables and names lie far apart, and a look-up that waits for each of them takes most of its
// time to wait. Without effect on what is found.
#pragma once

#include <array>
#include <span>

#include "ldso/elf/relocation.h"
#include "ldso/image/module.h"
#include "ldso/link/scope.h"

namespace ldseal {

class LookAhead {
 public:
  // For the relocations `list` of `module`, in their order.
  LookAhead(const Scope& scope, const Module& module, std::span<const Rela> list)
      : scope_(scope), table_(module.symbols()), list_(list) {}

  // Call it before each relocation is applied. Returns the hash of its symbol's name; 0 if that is
  // not known. A short list is done before looking ahead pays.
  uint32_t step() {
    if (list_.size() < kFewest) return 0;
    const size_t at = next_++;
    step_to_symbol(at + kToSymbol);
    step_to_name(at + kToName);
    step_to_tables(at + kToTables);
    step_to_bucket(at + kToBucket);
    step_to_chain(at + kToChain);
    step_to_definition(at + kToDefinition);
    step_to_defined_name(at + kToDefinedName);
    return coming(at).hash;
  }

 private:
  // How many relocations before its own each step is taken. A step reads what the one before it has
  // asked for.
  static constexpr size_t kToSymbol = 20, kToName = 17, kToTables = 14, kToBucket = 11,
                          kToChain = 9, kToDefinition = 6, kToDefinedName = 3;
  static constexpr size_t kFewest = 2 * kToSymbol;

  struct Coming {
    bool is_elsewhere = false;  // it is looked for, and not in its own object alone
    uint32_t hash = 0;
    Module* direct = nullptr;
    Definition candidate;
  };
  Coming& coming(size_t at) { return coming_[at % coming_.size()]; }
  // The symbol of relocation `at`; null: it has none, or the one before has the same.
  const Sym* symbol_at(size_t at) const;

  void step_to_symbol(size_t at) const;
  void step_to_name(size_t at) const;
  void step_to_tables(size_t at);
  void step_to_bucket(size_t at);
  void step_to_chain(size_t at);
  void step_to_definition(size_t at);
  void step_to_defined_name(size_t at);

  const Scope& scope_;
  const SymbolTable& table_;
  std::span<const Rela> list_;
  size_t next_ = 0;
  std::array<Coming, 16> coming_;  // more than kToTables
};

}  // namespace ldseal
