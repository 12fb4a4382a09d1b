// See interposition.h. libc's relocations say which names libc refers to. The scope says which
// object defines each.
#include "ldso/libc/interposition.h"

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/link/scope.h"

namespace ldseal {
namespace {

constexpr char kOwnFunctions[][24] = {"dl_iterate_phdr", "_dl_find_object", "dladdr", "dladdr1"};

// The modules whose definitions come before libc's in the scope. ld-seal stands directly before
// libc there and is not among them.
std::span<Module* const> before_libc(const Graph& graph) {
  size_t count = 0;
  while (count < graph.modules.size() && graph.modules[count] != graph.libc) ++count;
  return {graph.modules.begin(), count};
}

Definition find_in(std::span<Module* const> modules, const SymbolQuery& query, ReferenceKind kind,
                   WeakDefinitions weak) {
  Definition found = kNotDefined;
  for (Module* m : modules) {
    const Sym* symbol = find_symbol(m->symbols(), query, kind);
    if (symbol == nullptr) continue;
    Definition here{m, symbol};
    found = first_or(found, weak, [&] { return here; });
    if (settles(found, weak)) return found;
  }
  return found;
}

// libc's own definition of what it refers to, whose version it wants itself.
bool is_strong_in(const Module& libc, const SymbolQuery& query) {
  const Sym* symbol = find_symbol(libc.symbols(), query, ReferenceKind::kCall);
  return symbol != nullptr && symbol_binding(*symbol) != STB_WEAK;
}

// DT_RELA without the relative ones, which name no symbol and come first (DT_RELACOUNT). All of it
// if that many are not relative.
std::span<const Rela> symbolic_relocations(const Module& m) {
  size_t relative = m.dynamic.relative_count;
  bool is_right =
      relative == 0 || relocation_type(m.tables.rela[relative - 1]) == Native::kRelativeType;
  return is_right ? m.tables.rela.subspan(relative) : m.tables.rela;
}

// Is no glibc that ld-seal works with too old for the version? The oldest one is 2.34.
bool is_old_version(const char* version) {
  constexpr char kStart[] = "GLIBC_2.";
  constexpr unsigned kOldest = 34;
  if (!starts_with(version, kStart)) return false;
  unsigned minor = 0;
  for (const char* c = version + sizeof kStart - 1; *c >= '0' && *c <= '9' && minor <= kOldest; ++c)
    minor = minor * 10 + static_cast<unsigned>(*c - '0');
  return minor <= kOldest;
}

// The symbols of a table that a look-up can find. A hash table may list undefined ones.
struct SearchedSymbols {
  uint32_t first = 0, end = 0;
  explicit SearchedSymbols(const SymbolTable& table) {
    if (table.gnu.bloom != nullptr) {
      first = table.gnu.first_symbol;
      end = table.gnu.end_symbol;
    } else if (table.sysv.buckets != nullptr) {
      first = 1;
      end = table.count;
    }
  }
  uint32_t count() const { return end - first; }
};

// So many names that asking libc for each takes longer than it saves.
constexpr uint32_t kMany = 16;

class Collector {
 public:
  explicit Collector(Arena& scratch, WeakDefinitions weak = WeakDefinitions::kCount)
      : scratch_(scratch), weak_(weak) {}

  // Adds the COPY relocations of the program that copy an object of libc or of its rtld. `libc` is
  // null if libc's names are not read. False: the program does not say whose one of them is.
  bool add_copies(const Graph& graph, const Module* libc) {
    const Module& program = *graph.program;
    for (const Rela& r : symbolic_relocations(program)) {
      if (relocation_type(r) != Native::kCopyType ||
          relocation_symbol(r) >= program.symbols().count)
        continue;
      const Sym& own = program.symbols().symbols[relocation_symbol(r)];
      SymbolQuery query = wanted_by(program.symbols(), relocation_symbol(r));
      if (equal(query.name, "_r_debug")) continue;  // ours (dl/rendezvous.cc)
      query.own_definition = nullptr;               // the copy is not what is copied
      if (find_in(before_libc(graph).subspan(1), query, ReferenceKind::kAddress, weak_).is_there())
        continue;
      Origin origin = origin_of(query, graph, libc);
      if (origin == Origin::kUnknown) return false;
      if (origin == Origin::kElsewhere) continue;
      Address place = Vaddr(r.r_offset) + program.bias;
      const char* version = query.version == nullptr ? nullptr : query.version->name;
      found_.add(scratch_, {query.name, place, own.st_size, STT_OBJECT, version, true});
    }
    copies_ = found_.size();
    return true;
  }

  // Adds every name that an object before libc defines.
  void add_definitions(const Graph& graph) {
    for (Module* m : before_libc(graph)) {
      const SymbolTable& table = m->symbols();
      SearchedSymbols searched(table);
      for (uint32_t i = searched.first; i < searched.end; ++i) {
        SymbolQuery query = wanted_by(table, i);
        if (defines(table, i, query, ReferenceKind::kCall))
          add(query.name, {m, &table.symbols[i]}, found_.size());
      }
    }
  }

  // Adds every symbol that a relocation of libc names and that an earlier object defines.
  void add_references(const Graph& graph, const Module& libc) {
    auto* seen = scratch_.make_zeroed_array<bool>(libc.symbols().count);
    for (std::span<const Rela> list : {symbolic_relocations(libc), libc.tables.plt}) {
      for (const Rela& r : list) {
        uint32_t index = relocation_symbol(r);
        if (index == 0 || index >= libc.symbols().count || seen[index]) continue;
        seen[index] = true;
        add_reference(before_libc(graph), libc, index);
      }
    }
  }

  // Adds the functions of ld-seal to which the objects must bind that libc loads by itself (NSS,
  // gconv, libgcc_s). __tls_get_addr is not among them, because libc numbers the thread-local
  // storage of those objects.
  void add_own_functions(Module& self) {
    for (const auto& name : kOwnFunctions) {
      SymbolQuery query{name, gnu_hash(name), nullptr};
      if (const Sym* symbol = find_symbol(self.symbols(), query, ReferenceKind::kAddress)) {
        add(name, {&self, symbol}, 0);
      }
    }
  }

  std::span<const StandInSymbol> symbols() const { return {found_.begin(), found_.size()}; }

 private:
  enum class Origin : uint8_t { kLibc, kElsewhere, kUnknown };

  static Origin origin_of(const SymbolQuery& query, const Graph& graph, const Module* libc) {
    const Module* rtld = graph.libc_rtld;
    if (rtld != nullptr && find_symbol(rtld->symbols(), query, ReferenceKind::kAddress) != nullptr)
      return Origin::kLibc;
    if (libc != nullptr) {
      bool defines_it = find_symbol(libc->symbols(), query, ReferenceKind::kAddress) != nullptr;
      return defines_it ? Origin::kLibc : Origin::kElsewhere;
    }
    const Version* v = query.version;
    bool is_libcs = v != nullptr && v->file != nullptr && graph.names.find(v->file) == graph.libc;
    return is_libcs && is_old_version(v->name) ? Origin::kLibc : Origin::kUnknown;
  }

  bool is_known(const char* name, size_t upto) const {
    for (size_t i = 0; i < upto; ++i) {
      if (equal(found_[i].name, name)) return true;
    }
    return false;
  }

  // Asks for the definition that a call binds to. A canonical PLT entry of the program, to which an
  // address would bind, cannot be used before the program is relocated.
  void add_reference(std::span<Module* const> modules, const Module& libc, uint32_t index) {
    if (symbol_binding(libc.symbols().symbols[index]) == STB_LOCAL) return;
    SymbolQuery query = wanted_by(libc.symbols(), index);
    Definition found = find_in(modules, query, ReferenceKind::kCall, weak_);
    if (!found.is_there()) return;
    bool libc_overrides = !settles(found, weak_) && is_strong_in(libc, query);
    if (libc_overrides) return;
    const char* version = query.version == nullptr ? nullptr : query.version->name;
    trace::log(Topic::kBindings,
               {Event::kBinding,
                {libc.display_name(), found.module->display_name(), query.name, version}});
    add(query.name, found, copies_);
  }

  // Adds the definition, unless one of the first `known` entries has the same name. An IFUNC is
  // left out, because its resolver cannot run before its object is relocated: libc keeps its own
  // definition. A thread-local symbol is left out, because libc refers to none of the program.
  void add(const char* name, const Definition& found, size_t known) {
    unsigned type = symbol_type(*found.symbol);
    if (type == STT_GNU_IFUNC || type == STT_TLS || is_known(name, known)) return;
    Address value = Vaddr(found.symbol->st_value) + found.module->bias;
    if (found.symbol->st_shndx == SHN_ABS) value = Address(found.symbol->st_value);
    auto kept = static_cast<unsigned char>(type == STT_OBJECT ? STT_OBJECT : STT_FUNC);
    found_.add(scratch_, {name, value, found.symbol->st_size, kept, nullptr, false});
  }

  Arena& scratch_;
  WeakDefinitions weak_;
  List<StandInSymbol> found_;
  size_t copies_ = 0;
};

// Does `table` define a name that libc defines, too? If libc's names are not read yet (null): does
// it define any name? A table of many names is taken to define one.
bool may_preempt(const SymbolTable& table, const Module* libc) {
  SearchedSymbols searched(table);
  for (uint32_t i = searched.first; i < searched.end; ++i) {
    if (table.symbols[i].st_shndx == SHN_UNDEF) continue;
    if (libc == nullptr || searched.count() > kMany) return true;
    SymbolQuery query = wanted_by(table, i);
    query.own_definition = nullptr;
    query.version = nullptr;
    if (find_symbol(libc->symbols(), query, ReferenceKind::kCall) != nullptr) return true;
  }
  return false;
}

// Can libc refer to a name that the stand-in must leave out, or to another version of it? An IFUNC
// and a thread-local symbol are left out (Collector::add).
bool needs_libcs_references(const Graph& graph, const SymbolTable& table, uint32_t index) {
  const Sym& symbol = table.symbols[index];
  unsigned type = symbol_type(symbol);
  if (type == STT_GNU_IFUNC || type == STT_TLS) return true;
  const Version* v = table.version_of(index);
  if (v == nullptr || v->name == nullptr) return false;
  const Module* file = v->file == nullptr ? nullptr : graph.names.find(v->file);
  return file == nullptr || (file != graph.libc && file != graph.libc_rtld);
}

// Few names: the stand-in may define them all. Of others what libc refers to decides.
bool define_little(const Graph& graph) {
  uint32_t all = 0;
  for (const Module* m : before_libc(graph)) {
    const SymbolTable& table = m->symbols();
    SearchedSymbols searched(table);
    for (uint32_t i = searched.first; i < searched.end; ++i) {
      if (table.symbols[i].st_shndx == SHN_UNDEF) continue;
      if (searched.count() > kMany || ++all > 4 * kMany) return false;
      if (needs_libcs_references(graph, table, i)) return false;
    }
  }
  return true;
}

bool has_copies(const Module& program) {
  for (const Rela& r : symbolic_relocations(program)) {
    if (relocation_type(r) == Native::kCopyType) return true;
  }
  return false;
}

}  // namespace

void hide_what_libc_lacks(Module& self, const Module& libc, Arena& permanent) {
  SymbolTable& table = self.tables.symbols;
  Sym* symbols = permanent.make_array<Sym>(table.count);
  for (uint32_t i = 0; i < table.count; ++i) {
    symbols[i] = table.symbols[i];
    SymbolQuery query{table.name(symbols[i]), table.hash_of(i), nullptr, nullptr, true};
    bool is_only_ours = starts_with(query.name, "ldseal_") || equal(query.name, "_r_debug");
    if (i == 0 || is_only_ours) continue;
    if (find_symbol(libc.symbols(), query, ReferenceKind::kAddress) != nullptr) continue;
    symbols[i].st_shndx = SHN_UNDEF;
    symbols[i].st_value = 0;  // an undefined symbol with a value would be a canonical PLT entry
  }
  table.symbols = symbols;
}

bool may_interpose(const Graph& graph, const Module* libc) {
  for (const Module* m : before_libc(graph)) {
    if (may_preempt(m->symbols(), libc)) return true;
  }
  return has_copies(*graph.program);
}

std::span<const StandInSymbol> interposed_symbols(const Graph& graph, const Module& libc,
                                                  Module& self, WeakDefinitions weak,
                                                  Arena& scratch) {
  Collector collector(scratch, weak);
  collector.add_copies(graph, &libc);
  collector.add_references(graph, libc);
  collector.add_own_functions(self);
  return collector.symbols();
}

// The trace of bindings needs libc's names.
std::optional<std::span<const StandInSymbol>> symbols_without_libcs_names(const Graph& graph,
                                                                          Module& self,
                                                                          WeakDefinitions weak,
                                                                          Arena& scratch) {
  if (weak != WeakDefinitions::kCount || trace::on(Topic::kBindings)) return {};
  if (!define_little(graph)) return {};
  Collector collector(scratch);
  if (!collector.add_copies(graph, nullptr)) return {};
  collector.add_definitions(graph);
  collector.add_own_functions(self);
  return collector.symbols();
}

std::span<const StandInSymbol> own_symbols(Module& self, Arena& scratch) {
  Collector collector(scratch);
  collector.add_own_functions(self);
  return collector.symbols();
}

}  // namespace ldseal
