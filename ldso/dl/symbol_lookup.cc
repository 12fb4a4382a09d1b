// See symbol_lookup.h.
#include "ldso/dl/symbol_lookup.h"

#include <algorithm>

#include "arch/native.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/opened_seals.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"
#include "ldso/threads/dynamic_tls.h"

namespace ldseal {
namespace {

using Order = std::span<Module* const>;

// Out of line, because it has five callers.
Definition first_strong_in(Order order, const SymbolQuery& query) {
  Definition weak;
  for (Module* m : order) {
    if (is_removed(*m)) continue;
    const Sym* symbol = find_symbol(m->symbols(), query, ReferenceKind::kAddress);
    if (symbol == nullptr) continue;
    if (Definition found{m, symbol}; settles(found, WeakDefinitions::kGiveWay)) return found;
    if (!weak.is_there()) weak = {m, symbol};
  }
  return weak;
}

[[gnu::noinline]] Definition first_in(Order order, const SymbolQuery& query) {
  if (process.weak == WeakDefinitions::kGiveWay) [[unlikely]]
    return first_strong_in(order, query);
  for (Module* m : order) {
    if (is_removed(*m)) continue;
    const Sym* symbol = find_symbol(m->symbols(), query, ReferenceKind::kAddress);
    if (symbol != nullptr) return {m, symbol};
  }
  return {};
}

Order start_up_scope() { return {process.scope_order.begin(), process.scope_order.size()}; }

// The part of `order` after `m`; empty if `m` is not in it.
Order behind(Order order, const Module& m) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == &m) return order.subspan(i + 1);
  }
  return {};
}

}  // namespace

void* address_of(const Module& m, const Sym& symbol) {
  if (symbol_type(symbol) == STT_TLS) return tls_address(m, symbol.st_value);
  Address at = Vaddr(symbol.st_value) + m.bias;
  if (symbol.st_shndx == SHN_ABS) at = Address(symbol.st_value);
  if (symbol_type(symbol) != STT_GNU_IFUNC) return at.as<void>();
  return Address(call_ifunc_resolver(at.value, process.hwcap, process.hwcap2)).as<void>();
}

Definition find_in_start_up_scope(const SymbolQuery& query) {
  return first_in(start_up_scope(), query);
}

Definition find_in_later_globals(const SymbolQuery& query) {
  const RecordList<Module*>& global = dlopened.global;
  return first_in({global.begin(), global.size()}, query);
}

Definition find_in_search_list(Module& root, const SymbolQuery& query) {
  return first_in(search_list_of(root).span(), query);
}

// What was opened later and needs `m` adds to where the names of `m` are looked up.
static Definition find_where_it_is_needed(const Module& m, const SymbolQuery& query) {
  Definition weak;
  for (Module* later : dlopened.modules) {
    Order list = later->dlopen_state->search_list.span();
    bool needs_it = std::find(list.begin(), list.end(), &m) != list.end();
    if (!needs_it || later->dlopen_state->is_leaving) continue;
    weak = first_or(weak, process.weak, [&] { return first_in(list, query); });
    if (settles(weak, process.weak)) return weak;
  }
  return weak;
}

Definition find_behind_start_up(const Module& m, const SymbolQuery& query) {
  Definition found = find_in_later_globals(query);
  bool has_own_scope = m.dlopen_state != nullptr && process.runtime.family != LibcFamily::kMusl;
  if (!has_own_scope) return found;
  found = first_or(found, process.weak,
                   [&] { return find_in_search_list(*m.dlopen_state->root, query); });
  return first_or(found, process.weak, [&] { return find_where_it_is_needed(m, query); });
}

Definition find_as_bound(const Module& m, const SymbolQuery& query) {
  Definition found = find_in_start_up_scope(query);
  return first_or(found, process.weak, [&] { return find_behind_start_up(m, query); });
}

Definition find_next(const Module& m, const SymbolQuery& query) {
  if (m.dlopen_state != nullptr)
    return first_in(behind(search_list_of(*m.dlopen_state->root).span(), m), query);
  return first_or(first_in(behind(start_up_scope(), m), query), process.weak,
                  [&] { return find_in_later_globals(query); });
}

void keep_for(Module& caller, Module& found) {
  bool never_leaves = found.dlopen_state == nullptr || found.dlopen_state->is_nodelete;
  if (never_leaves || &caller == &found) return;
  if (caller.dlopen_state == nullptr) {
    RecordChange change;
    pin(found);
    (void)seal_pinned({});  // it stays in any case
    return;
  }
  for (Module* known : caller.dlopen_state->bound_to) {
    if (known == &found) return;
  }
  RecordChange change;
  note_binding(caller, found, dependencies(caller));
}

Error undefined_symbol(const Module& m, const SymbolQuery& query) {
  Error e = fault(Fault::kLookupFailed);
  bool is_program = m.kind == ModuleKind::kProgram && process.stack.argument_count() != 0;
  e.object = is_program ? process.stack.arguments[0] : m.display_name();
  e.name = query.name;
  if (query.version != nullptr) e.version = query.version->name;
  return e;
}

}  // namespace ldseal
