// See symbols.h. The relocations are walked as by the loader's link/relocate.cc, which looks up the
// same symbols in the same scope.
#include "tools/sealctl/check/symbols.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "arch/native.h"
#include "ldso/link/place.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

constexpr auto kExports = std::to_array<std::string_view>({
#include "tools/sealctl_exports.inc"
});

// ld-seal stands in the scope, too. Of musl it hides what musl lacks (libc/interposition.cc).
bool is_defined_by_loader(std::string_view name, LibcRules rules) {
  const bool is_only_ours = name.starts_with("ldseal_") || name == "_r_debug";
  if (rules == LibcRules::kMusl && !is_only_ours) return false;
  return std::ranges::find(kExports, name) != kExports.end();
}

bool is_of_own_object(const Sym& symbol) {
  const unsigned visibility = symbol_visibility(symbol);
  return symbol_binding(symbol) == STB_LOCAL || visibility == STV_HIDDEN ||
         visibility == STV_INTERNAL;
}

// One object's references.
class References {
 public:
  References(const Module& object, const Scope& scope, LibcRules rules)
      : object_(object), scope_(scope), rules_(rules), is_done_(object.symbols().count) {}

  // False: the loader refuses the object at once.
  bool look_up(std::span<const Rela> list) {
    return std::ranges::all_of(list, [this](const Rela& r) { return look_up(r); });
  }

  const std::vector<Error>& errors() const { return errors_; }
  const std::vector<const Module*>& providers() const { return providers_; }

 private:
  bool look_up(const Rela& r) {
    const RelocationKind kind = Native::kind(relocation_type(r));
    const uint32_t index = relocation_symbol(r);
    if (kind == RelocationKind::kUnknown)
      return errors_.push_back(at_place(Fault::kUnknownRelocation, object_, r)), false;
    const bool has_symbol = index != 0 && kind != RelocationKind::kNothing &&
                            kind != RelocationKind::kRelative && kind != RelocationKind::kIndirect;
    if (!has_symbol) return true;
    if (index >= object_.symbols().count) {
      errors_.push_back(at_place(Fault::kSymbolIndexOutside, object_, r));
      errors_.back().found = index;
      errors_.back().wanted = object_.symbols().count;
      return false;
    }
    look_up(index, kind);
    return true;
  }

  // A copy is filled from the definition behind the program. Of the other kinds a call finds the
  // least: it passes over a canonical PLT entry.
  void look_up(uint32_t index, RelocationKind kind) {
    const bool is_copy = kind == RelocationKind::kCopy, is_call = kind == RelocationKind::kCallSlot;
    const uint8_t bit = is_copy ? 1 : is_call ? 2 : 4;
    if ((is_done_[index] & bit) != 0) return;
    is_done_[index] |= bit;
    const SymbolTable& table = object_.symbols();
    const Sym& own = table.symbols[index];
    if (!is_copy && is_of_own_object(own)) return;
    SymbolQuery wanted = wanted_by(table, index);
    if (is_copy || !defines(table, index, wanted, ReferenceKind::kCall))
      wanted.own_definition = nullptr;
    const Definition found =
        scope_.find(wanted, is_call ? ReferenceKind::kCall : ReferenceKind::kAddress,
                    is_copy ? &object_ : nullptr);
    if (found.is_there()) {
      if (found.module != &object_ && found.module != last_)
        providers_.push_back(last_ = found.module);
    } else if (symbol_binding(own) != STB_WEAK && !is_defined_by_loader(wanted.name, rules_)) {
      add_missing(wanted);
    }
  }

  void add_missing(const SymbolQuery& wanted) {
    Error e = fault(Fault::kSymbolMissing);
    e.object = object_.display_name();
    e.name = wanted.name;
    if (wanted.version != nullptr) e.version = wanted.version->name;
    errors_.push_back(e);
  }

  const Module& object_;
  const Scope& scope_;
  LibcRules rules_;
  std::vector<uint8_t> is_done_;
  std::vector<Error> errors_;
  std::vector<const Module*> providers_;
  const Module* last_ = nullptr;
};

}  // namespace

bool Symbols::is_known_to_be_complete(const Module& object, const Files& present) const {
  const auto known = providers_.find({object.identity.device, object.identity.inode});
  return known != providers_.end() && std::ranges::includes(present, known->second);
}

void Symbols::find_missing(const Graph& graph, LibcRules rules, Arena& scratch,
                           std::vector<Error>& missing) {
  Files present;
  for (const Module* m : graph.modules) present.emplace(m->identity.device, m->identity.inode);
  std::vector<Module*> asked;
  for (Module* m : graph.modules)
    if (m->is_linked_by_us() && !is_known_to_be_complete(*m, present)) asked.push_back(m);
  Scope scope;
  scope.build({graph.modules.begin(), graph.modules.size()}, estimate_references(asked), scratch);
  for (auto m = asked.rbegin(); m != asked.rend(); ++m) {  // the program comes last
    References references(**m, scope, rules);
    const bool goes_on =
        references.look_up((*m)->tables.rela) && references.look_up((*m)->tables.plt);
    missing.insert(missing.end(), references.errors().begin(), references.errors().end());
    if (!goes_on) return;
    if (!references.errors().empty()) continue;
    Files& files = providers_[{(*m)->identity.device, (*m)->identity.inode}];
    files.clear();
    for (const Module* provider : references.providers())
      files.emplace(provider->identity.device, provider->identity.inode);
  }
}

}  // namespace sealctl::check
