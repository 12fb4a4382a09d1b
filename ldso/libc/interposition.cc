// libc's own relocations say what it refers to; the scope says who answers.
#include "ldso/libc/interposition.h"

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"

namespace ldseal {
namespace {

constexpr char kOwnFunctions[][24] = {"dl_iterate_phdr", "_dl_find_object", "dladdr"};

class Collector {
 public:
  Collector(const Graph& graph, const Scope& scope, Arena& scratch)
      : graph_(graph), scope_(scope), scratch_(scratch) {}

  // COPY relocations of the program whose definition is libc's (or its loader's).
  void add_copies() {
    const Module& program = *graph_.program;
    for (const Rela& r : program.tables.rela) {
      if (relocation_type(r) != Native::kCopyType || relocation_symbol(r) >= program.symbols().count) continue;
      const Sym& own = program.symbols().symbols[relocation_symbol(r)];
      Wanted wanted = wanted_by(program.symbols(), relocation_symbol(r));
      wanted.own_definition = nullptr;  // the copy is not what is copied
      Definition source = scope_.find(wanted, ReferenceKind::kAddress, &program);
      if (source.module == nullptr || source.module->is_ours_to_link()) continue;
      Address place = Vaddr(r.r_offset) + program.bias;
      const char* version = wanted.version == nullptr ? nullptr : wanted.version->name;
      found_.add(scratch_, {wanted.name, place, own.st_size, STT_OBJECT, version, true});
    }
    copies_ = found_.size();
  }

  // Every symbol that a relocation of libc names.
  void add_references() {
    const Module& libc = *graph_.libc;
    auto* seen = scratch_.make_zeroed_array<bool>(libc.symbols().count);
    for (std::span<const Rela> list : {libc.tables.rela, libc.tables.plt}) {
      for (const Rela& r : list) {
        uint32_t index = relocation_symbol(r);
        if (index == 0 || index >= libc.symbols().count || seen[index]) continue;
        seen[index] = true;
        add_reference(libc, index);
      }
    }
  }

  // Names of ours that the objects libc loads by itself (NSS, gconv, libgcc_s) must bind to. Not __tls_get_addr: the
  // thread-local words of those objects are in libc's terms.
  void add_own_functions(const Module& ourselves) {
    for (const auto& name : kOwnFunctions) {
      Wanted wanted{name, gnu_hash(name), nullptr};
      Definition found = scope_.find(wanted, ReferenceKind::kAddress);
      if (found.module == &ourselves) add(name, found);
    }
  }

  std::span<const StandInSymbol> symbols() const { return {found_.begin(), found_.size()}; }

 private:
  bool is_copied(const char* name) const {
    for (size_t i = 0; i < copies_; ++i) {
      if (equal(found_[i].name, name)) return true;
    }
    return false;
  }

  void add_reference(const Module& libc, uint32_t index) {
    if (symbol_binding(libc.symbols().symbols[index]) == STB_LOCAL) return;
    Wanted wanted = wanted_by(libc.symbols(), index);
    Definition found = scope_.find(wanted, ReferenceKind::kCall);
    if (found.module == nullptr) return;
    const char* version = wanted.version == nullptr ? nullptr : wanted.version->name;
    trace::tell(Topic::kBindings,
                {Event::kBinding, {libc.display_name(), found.module->display_name(), wanted.name, version}});
    if (found.module->is_ours_to_link() && !is_copied(wanted.name)) add(wanted.name, found);
  }

  // A definition that a resolver must choose cannot be given to libc before the program is relocated: libc keeps its
  // own. Thread-local names are no names for libc.
  void add(const char* name, const Definition& found) {
    unsigned type = symbol_type(*found.symbol);
    if (type == STT_GNU_IFUNC || type == STT_TLS) return;
    Address value = Vaddr(found.symbol->st_value) + found.module->bias;
    if (found.symbol->st_shndx == SHN_ABS) value = Address(found.symbol->st_value);
    auto kept = static_cast<unsigned char>(type == STT_OBJECT ? STT_OBJECT : STT_FUNC);
    found_.add(scratch_, {name, value, found.symbol->st_size, kept, nullptr, false});
  }

  const Graph& graph_;
  const Scope& scope_;
  Arena& scratch_;
  List<StandInSymbol> found_;
  size_t copies_ = 0;
};

}  // namespace

std::span<const StandInSymbol> interposed_symbols(const Graph& graph, const Scope& scope, Arena& scratch) {
  Collector collector(graph, scope, scratch);
  collector.add_copies();
  collector.add_references();
  for (const Module* m : scope.order()) {
    if (m->kind == ModuleKind::kOurselves) collector.add_own_functions(*m);
  }
  return collector.symbols();
}

}  // namespace ldseal
