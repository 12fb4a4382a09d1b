// Finds the definition that a symbol of a module binds to.
#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/link/linker.h"

namespace ldseal {
namespace {

// Does the reference bind to its own object? True for local symbols and for those that no other
// object can see or preempt.
bool binds_locally(const Sym& s) {
  unsigned visibility = symbol_visibility(s);
  return symbol_binding(s) == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL;
}

}  // namespace

bool Linker::recall(const Module& module, uint32_t index, Definition& definition) {
  const Resolved& entry = remembered(index);
  if (entry.owner != module.position + 1 || entry.index != index) return false;
  ++statistics_.reused_lookups;
  definition = kUndefinedWeak;
  if (entry.position != 0) {
    Module* m = policy_.numbering[entry.position - 1];
    definition = {m, &m->symbols().symbols[entry.symbol]};
  }
  return true;
}

void Linker::remember(const Module& module, uint32_t index, const Definition& d) {
  uint32_t symbol = is_undefined_weak(d) ? 0 : d.module->symbols().index_of(*d.symbol);
  uint32_t position = is_undefined_weak(d) ? 0 : d.module->scope_position + 1;
  remembered(index) = {module.position + 1, index, position, symbol};
}

Result<Definition> Linker::resolve(Module& module, uint32_t index, ReferenceKind kind,
                                   uint32_t known_hash) {
  const SymbolTable& table = module.symbols();
  const Sym& own = table.symbols[index];
  if (binds_locally(own)) return Definition{&module, &own};
  Definition found;
  if (recall(module, index, found)) {
    bool is_canonical_plt = found.symbol != nullptr && found.symbol->st_shndx == SHN_UNDEF;
    if (kind == ReferenceKind::kAddress || !is_canonical_plt) return found;
  }
  SymbolQuery wanted = wanted_by(table, index, known_hash);
  if (!defines(table, index, wanted, ReferenceKind::kCall)) wanted.own_definition = nullptr;
  // With DF_SYMBOLIC the object itself is searched first. A unique symbol still has one definition
  // for the whole process.
  const Sym* inside = module.has_flag(DF_SYMBOLIC) ? find_symbol(table, wanted, kind) : nullptr;
  if (inside != nullptr && symbol_binding(*inside) != STB_GNU_UNIQUE) {
    found = {&module, inside};
  } else {
    found = scope_.find(wanted, kind);
    ++statistics_.lookups;
  }
  if (policy_.providers != nullptr && found.is_there()) found = apply_dlopen_rules(found, wanted);
  log_lookup(wanted, found);
  if (!found.is_there() && symbol_binding(own) != STB_WEAK) {
    Error e = fault(Fault::kSymbolMissing);
    e.object = module.display_name();
    e.name = wanted.name;
    if (wanted.version != nullptr) e.version = wanted.version->name;
    return e;
  }
  if (symbol_visibility(own) == STV_PROTECTED && own.st_shndx != SHN_UNDEF) {
    found = resolve_protected(module, own, wanted, kind, found);
  }
  if (found.is_there()) {
    tell_binding(module, found, wanted);
    binds_to_us_ = binds_to_us_ || found.module->kind == ModuleKind::kSelf;
  }
  // Address references bind to a canonical PLT entry; calls skip it. If the program can have such
  // entries, only the result for addresses is stored, and calls look the name up again.
  if (kind == ReferenceKind::kAddress || !has_canonical_plt_) remember(module, index, found);
  return found;
}

// Replaces the definition of a unique name by the process's one definition. Also records the
// dependency, so that dlclose keeps the defining object as long as the one that refers to it.
Definition Linker::apply_dlopen_rules(const Definition& found, const SymbolQuery& wanted) const {
  bool is_unique = symbol_binding(*found.symbol) == STB_GNU_UNIQUE;
  Definition settled = is_unique ? policy_.unique(found, wanted) : found;
  policy_.providers->add(*settled.module);
  return settled;
}

// A protected definition is used by its own object, with two exceptions that keep addresses equal
// everywhere: a fixed-address program's canonical PLT entry for the function, and the program's
// copy of the object.
Definition Linker::resolve_protected(Module& module, const Sym& own, const SymbolQuery& wanted,
                                     ReferenceKind kind, Definition current) const {
  Definition self{&module, &own};
  if (kind == ReferenceKind::kCall || !current.is_there()) return self;
  bool stands_for_other = current.symbol->st_shndx == SHN_UNDEF || is_copied_by_program(current);
  if (!stands_for_other) return self;
  Definition real = scope_.find(wanted, ReferenceKind::kCall, current.module);
  return real.module == &module ? current : self;
}

bool is_copied(const Module& program, const Sym& symbol) {
  for (const Rela& r : program.tables.rela) {
    if (relocation_type(r) == Native::kCopyType && r.r_offset == symbol.st_value) return true;
  }
  return false;
}

bool Linker::is_copied_by_program(const Definition& d) const {
  bool is_object = symbol_type(*d.symbol) == STT_OBJECT;
  return is_object && d.module->kind == ModuleKind::kProgram && is_copied(*d.module, *d.symbol);
}

void Linker::log_lookup(const SymbolQuery& wanted, const Definition& found) const {
  if (!trace::on(Topic::kSymbols)) return;
  for (const Module* m : scope_.order()) {
    if (m->symbols().count != 0) {
      trace::log(Topic::kSymbols, {Event::kSymbolLookup, {wanted.name, m->display_name()}});
    }
    if (m == found.module) return;
  }
}

void Linker::tell_binding(const Module& from, const Definition& to,
                          const SymbolQuery& wanted) const {
  if (!trace::on(Topic::kBindings)) return;
  const char* version = wanted.version == nullptr ? nullptr : wanted.version->name;
  bool is_protected = to.module == &from && symbol_visibility(*to.symbol) == STV_PROTECTED;
  trace::log(Topic::kBindings,
             {Event::kBinding,
              {from.display_name(), to.module->display_name(), wanted.name, version},
              {is_protected ? uint64_t{1} : 0}});
}

}  // namespace ldseal
