// dlsym(3) and dlvsym(3). The scope of start-up does not change and is searched without a lock; all
// else under the loader's.
#include "arch/native.h"
#include "ldso/abi/exports.h"
#include "ldso/dl/dlerror.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/symbol_lookup.h"
#include "ldso/process/process.h"
#include "ldso/threads/dynamic_tls.h"

using namespace ldseal;

namespace ldseal {
namespace {

Definition find_in(std::span<Module* const> order, const Wanted& wanted) {
  for (Module* m : order) {
    if (m->opened != nullptr && m->opened->is_leaving) continue;
    const Sym* symbol = find_symbol(m->symbols(), wanted, ReferenceKind::kAddress);
    if (symbol != nullptr) return {m, symbol};
  }
  return {};
}

std::span<Module* const> start_up_scope() {
  return {process.scope_order.begin(), process.scope_order.size()};
}

std::span<Module* const> later_globals() {
  return {opened_objects.global.begin(), opened_objects.global.size()};
}

// The part of `order` behind `m`; empty where it is not in it.
std::span<Module* const> behind(std::span<Module* const> order, const Module& m) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i] == &m) return order.subspan(i + 1);
  }
  return {};
}

// What the caller itself would bind to.
Definition find_default(const Module& caller, const Wanted& wanted) {
  Definition found = find_in(later_globals(), wanted);
  bool has_own_scope = caller.opened != nullptr && process.runtime.family != LibcFamily::kMusl;
  if (found.module != nullptr || !has_own_scope) return found;
  return find_in(search_list_of(*caller.opened->root).span(), wanted);
}

Definition find_next(const Module& caller, const Wanted& wanted) {
  if (caller.opened != nullptr)
    return find_in(behind(search_list_of(*caller.opened->root).span(), caller), wanted);
  Definition found = find_in(behind(start_up_scope(), caller), wanted);
  return found.module != nullptr ? found : find_in(later_globals(), wanted);
}

// One question of a program.
struct Question {
  void* handle;
  Wanted wanted;
  const void* caller;
};

void* answer(const Question& q, Module& asked, Definition found) {
  if (found.module == nullptr) {
    set_dl_error(undefined_symbol(asked, q.wanted));
    return nullptr;
  }
  if (symbol_binding(*found.symbol) == STB_GNU_UNIQUE) found = unique_definition(found, q.wanted);
  return place_of(*found.module, *found.symbol);
}

void* answer_default(const Question& q) {
  Definition at_start = find_in(start_up_scope(), q.wanted);
  if (at_start.module != nullptr) return place_of(*at_start.module, *at_start.symbol);
  Held loader(opened_objects.lock);
  Module* caller = object_at(Address(q.caller));
  if (caller == nullptr) caller = process.graph.program;
  return answer(q, *caller, find_default(*caller, q.wanted));
}

void* answer_next(const Question& q) {
  Held loader(opened_objects.lock);
  Module* caller = object_at(Address(q.caller));
  if (caller == nullptr) {
    Error e = fault(Fault::kNextOutside);
    e.name = q.wanted.name;
    set_dl_error(e);
    return nullptr;
  }
  return answer(q, *caller, find_next(*caller, q.wanted));
}

// `is_libcs` tells that the handle is libc's own, and so is the question.
void* answer_handle(const Question& q, bool& is_libcs) {
  Held loader(opened_objects.lock);
  Module* m = module_of_handle(q.handle);
  if (m == nullptr) {
    is_libcs = is_handle_of_libc(q.handle);
    if (!is_libcs) set_dl_error(bad_handle(q.handle));
    return nullptr;
  }
  if (m->kind != ModuleKind::kProgram)
    return answer(q, *m, find_in(search_list_of(*m).span(), q.wanted));
  Definition found = find_in(start_up_scope(), q.wanted);
  return answer(q, *m, found.module != nullptr ? found : find_in(later_globals(), q.wanted));
}

void* answer(const Question& q, bool& is_libcs) {
  if (q.handle == kDefaultHandle) return answer_default(q);
  return q.handle == kNextHandle ? answer_next(q) : answer_handle(q, is_libcs);
}

}  // namespace

void* place_of(const Module& m, const Sym& symbol) {
  if (symbol_type(symbol) == STT_TLS) return tls_address(m, symbol.st_value);
  Address at = Vaddr(symbol.st_value) + m.bias;
  if (symbol.st_shndx == SHN_ABS) at = Address(symbol.st_value);
  if (symbol_type(symbol) != STT_GNU_IFUNC) return at.as<void>();
  const ProcessStack& stack = process.stack;
  return Address(call_ifunc_resolver(at.value, stack.value(AT_HWCAP), stack.value(AT_HWCAP2)))
      .as<void>();
}

Definition find_as_bound(Module& m, const Wanted& wanted) {
  Definition found = find_in(start_up_scope(), wanted);
  return found.module != nullptr ? found : find_default(m, wanted);
}

Error undefined_symbol(const Module& m, const Wanted& wanted) {
  Error e = fault(Fault::kSymbolMissing);
  e.object = m.display_name();
  e.name = wanted.name;
  if (wanted.version != nullptr) e.version = wanted.version->name;
  return e;
}

}  // namespace ldseal

void* dlsym(void* handle, const char* name) {
  bool is_libcs = false;
  Wanted wanted{name, gnu_hash(name), nullptr, nullptr, true};
  void* found = answer({handle, wanted, __builtin_return_address(0)}, is_libcs);
  return is_libcs ? ask_libc<void*>("dlsym", handle, name) : found;
}

void* dlvsym(void* handle, const char* name, const char* version) {
  bool is_libcs = false;
  Version wanted_version{version, nullptr, sysv_hash(version), false, true};
  Wanted wanted{name, gnu_hash(name), &wanted_version, nullptr, false};
  void* found = answer({handle, wanted, __builtin_return_address(0)}, is_libcs);
  return is_libcs ? ask_libc<void*>("dlvsym", handle, name, version) : found;
}
