// Relocates one module after another against the global scope (gABI "Relocation", psABI x86-64,
// AAELF64). The procedure linkage table is bound at once, not at the first call.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/base/result.h"
#include "ldso/elf/relocation.h"
#include "ldso/image/module.h"
#include "ldso/link/scope.h"

namespace ldseal {

// The code that TLS descriptors call (arch/<m>/tls.S), and how the TLS of a dlopened module becomes
// static.
struct TlsAccess {
  Address static_offset;   // the argument is the offset from the thread pointer
  Address undefined_weak;  // the argument is the address itself
  Address opened;          // the argument is descriptor_argument(); 0 while nothing can be dlopened
  Status (*require_static)(Module& module) = nullptr;  // gives the module a block in the surplus
  uint64_t start_up_modules = 0;  // their number; dlopened modules are numbered from there
};

// The objects that provided definitions to one object, each once, in the order of the first.
class Providers {
 public:
  Providers(size_t object_count, Arena& scratch)
      : scratch_(scratch), is_in_(scratch.make_zeroed_array<bool>(object_count)) {}

  void add(Module& m) {
    if (is_in_[m.scope_position]) return;
    is_in_[m.scope_position] = true;
    found_.add(scratch_, &m);
  }
  const List<Module*>& found() const { return found_; }
  void clear() {
    for (const Module* m : found_) is_in_[m->scope_position] = false;
    found_.clear();
  }

 private:
  Arena& scratch_;
  bool* is_in_;
  List<Module*> found_;
};

// The parts of linking that only dlopened objects need.
struct LinkPolicy {
  // Every object that is loaded: the scope_position of numbering[i] is i. Null: no object has i.
  std::span<Module* const> numbering;
  // Returns the one definition in the process of the STB_GNU_UNIQUE name that `found` defines.
  Definition (*unique)(const Definition& found, const SymbolQuery& wanted);
  Providers* providers;  // null at start-up
  // Code that the first call of an undefined function enters; 0: an undefined function is an error.
  Address bind_at_first_call;

  static LinkPolicy of_start_up(const Scope& scope) {
    return {scope.order(), nullptr, nullptr, Address(0)};
  }
};

// What Linker::resolve returns for an undefined weak symbol, whose address is 0.
inline constexpr Definition kUndefinedWeak = {};
inline bool is_undefined_weak(const Definition& resolved) { return !resolved.is_there(); }

struct LinkStatistics {
  uint64_t relocations = 0;
  uint64_t relative = 0;
  uint64_t lookups = 0;
  uint64_t reused_lookups = 0;
};

// Does a COPY relocation of `program` fill its symbol?
bool is_copied(const Module& program, const Sym& symbol);

// Called for each undefined symbol. Linking then goes on, so that several are reported.
using MissingSymbol = void (*)(const Error&);

class Linker {
 public:
  Linker(const Scope& scope, const LinkPolicy& policy, const TlsAccess& tls, uint64_t hwcap,
         uint64_t hwcap2, PageSize page, Arena& scratch);

  // Applies every relocation of `module` that needs no IFUNC resolver. Errors: the faults under
  // "linking" in base/error.h.
  Status relocate(Module& module);
  // Applies the relocations that need IFUNC resolvers. Call it once every module is relocated: a
  // resolver may use its module's relocated data.
  void apply_indirect();

  // Returns the definition that symbol `index` of `module` binds to. Its module is null if the
  // symbol is undefined and weak. If `known_hash` is not 0, it is the hash of the symbol's name.
  // Error: kSymbolMissing.
  Result<Definition> resolve(Module& module, uint32_t index, ReferenceKind kind,
                             uint32_t known_hash = 0);

  const LinkStatistics& statistics() const { return statistics_; }
  // Does any relocated object use a function of ld-seal?
  bool binds_to_us() const { return binds_to_us_; }
  // Returns the undefined symbols in the order in which they were met; `relocate` goes on after
  // them.
  const List<Error>& missing() const { return missing_; }
  // COPY relocations of less than what the object has, of which the rest is lost.
  const List<Error>& cut_copies() const { return cut_copies_; }

 private:
  // The result for one symbol of the module that is being relocated. It names the module that
  // asked, so the table need not be cleared for the next one.
  struct Resolved {
    uint32_t owner;     // position + 1 of the module that asked; 0: never used
    uint32_t index;     // of the symbol in that module
    uint32_t position;  // + 1 of the definition's module in the scope; 0: undefined and weak
    uint32_t symbol;    // its index there
  };
  struct Indirect {
    Address place;
    Address resolver;
    uint64_t addend;
  };
  struct WritableRange {
    uint64_t start;
    uint64_t length;
  };

  void make_room_for_answers(size_t symbols);
  void prefault(const Module& module) const;
  Status relocate_packed(Module& module);
  Status relocate_list(Module& module, std::span<const Rela> list, size_t relative_count);
  Status relocate_one(Module& module, const Rela& r, uint32_t known_hash);
  Status relocate_symbolic(Module& module, const Rela& r, RelocationKind kind, uint32_t known_hash);
  bool leave_to_first_call(Module& module, const Rela& r);
  Status relocate_tls(Module& module, const Rela& r, RelocationKind kind, const Definition& target);
  Status relocate_tls_static(Module& module, const Rela& r, Module& owner, uint64_t in_block);
  Status relocate_tls_descriptor(Module& module, const Rela& r, const Module& owner,
                                 uint64_t in_block);
  Status copy(Module& module, const Rela& r);
  void copy_indirect(AddressRange original, Address copy);
  Status check_place(const Module& module, const Rela& r, size_t size);
  bool is_writable(const Module& module, Vaddr place, size_t size);
  Definition resolve_protected(Module& module, const Sym& own, const SymbolQuery& wanted,
                               ReferenceKind kind, Definition current) const;
  bool is_copied_by_program(const Definition& definition) const;
  void tell_binding(const Module& from, const Definition& to, const SymbolQuery& wanted) const;
  void log_lookup(const SymbolQuery& wanted, const Definition& found) const;
  Definition apply_dlopen_rules(const Definition& found, const SymbolQuery& wanted) const;
  bool recall(const Module& module, uint32_t index, Definition& definition);
  void remember(const Module& module, uint32_t index, const Definition& definition);
  Resolved& remembered(uint32_t index) { return cache_[index & (cache_size_ - 1)]; }

  const Scope& scope_;
  LinkPolicy policy_;
  TlsAccess tls_;
  uint64_t hwcap_;
  uint64_t hwcap2_;
  PageSize page_;
  Arena& scratch_;
  bool has_canonical_plt_ = false;  // a program at a fixed address may have such entries
  bool binds_to_us_ = false;
  WritableRange writable_ = {0, 0};  // the part of a segment that held the last relocation
  Resolved* cache_ = nullptr;
  size_t cache_size_ = 0;  // a power of two
  List<Indirect> indirect_;
  List<Error> missing_;
  List<Error> cut_copies_;
  LinkStatistics statistics_;
};

}  // namespace ldseal
