// dlsym(3) and dlvsym(3). The scope of start-up does not change and is searched without a lock.
// Everything else is searched with dl_lock held.
#include <optional>

#include "ldso/abi/exports.h"
#include "ldso/dl/dlerror.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/symbol_lookup.h"
#include "ldso/process/process.h"

using namespace ldseal;

namespace ldseal {
namespace {

// One call of dlsym or dlvsym.
struct Question {
  void* handle;
  SymbolQuery query;
  const void* caller;
};

void* answer(const Question& q, Module& asked, Definition found) {
  if (!found.is_there()) {
    set_dl_error(undefined_symbol(asked, q.query));
    return nullptr;
  }
  note_dl_success();
  if (symbol_binding(*found.symbol) == STB_GNU_UNIQUE) found = unique_definition(found, q.query);
  return address_of(*found.module, *found.symbol);
}

void* answer_default(const Question& q) {
  Definition at_start = find_in_start_up_scope(q.query);
  if (settles(at_start, process.weak)) {
    note_dl_success();
    return address_of(*at_start.module, *at_start.symbol);
  }
  LockGuard guard(dl_lock);
  Module* caller = object_at(Address(q.caller));
  if (caller == nullptr) caller = process.graph.program;
  Definition found =
      first_or(at_start, process.weak, [&] { return find_behind_start_up(*caller, q.query); });
  bool may_leave = process.runtime.family != LibcFamily::kMusl;  // where nothing ever leaves
  if (found.is_there() && may_leave) keep_for(*caller, *found.module);
  return answer(q, *caller, found);
}

void* answer_next(const Question& q) {
  LockGuard guard(dl_lock);
  Module* caller = object_at(Address(q.caller));
  if (caller == nullptr) {
    Error e = fault(Fault::kNextOutside);
    e.name = q.query.name;
    set_dl_error(e);
    return nullptr;
  }
  return answer(q, *caller, find_next(*caller, q.query));
}

// No value: the handle is not ld-seal's.
std::optional<void*> answer_handle(const Question& q) {
  LockGuard guard(dl_lock);
  Module* m = module_of_handle(q.handle);
  if (m == nullptr) return std::nullopt;
  if (m->kind != ModuleKind::kProgram) return answer(q, *m, find_in_search_list(*m, q.query));
  Definition found = first_or(find_in_start_up_scope(q.query), process.weak,
                              [&] { return find_in_later_globals(q.query); });
  return answer(q, *m, found);
}

std::optional<void*> answer(const Question& q) {
  if (q.handle == kDefaultHandle) return answer_default(q);
  return q.handle == kNextHandle ? answer_next(q) : answer_handle(q);
}

}  // namespace
}  // namespace ldseal

void* dlsym(void* handle, const char* name) {
  SymbolQuery query{name, gnu_hash(name), nullptr, nullptr, true};
  std::optional<void*> found = answer({handle, query, __builtin_return_address(0)});
  return found ? *found : ask_libc_about<void*>(handle, nullptr, "dlsym", name);
}

void* dlvsym(void* handle, const char* name, const char* version) {
  Version version_query{version, nullptr, sysv_hash(version), false, true};
  SymbolQuery query{name, gnu_hash(name), &version_query, nullptr, false};
  std::optional<void*> found = answer({handle, query, __builtin_return_address(0)});
  return found ? *found : ask_libc_about<void*>(handle, nullptr, "dlvsym", name, version);
}
