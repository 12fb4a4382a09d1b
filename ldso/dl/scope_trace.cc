// See scope_trace.h. Each function does nothing unless the topic is on.
#include "ldso/dl/scope_trace.h"

#include <algorithm>

#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/vdso.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

using Order = std::span<Module* const>;

void blank_line() { trace::log(Topic::kScopes, {Event::kBlank}); }

// What was opened later and needs an object adds to its scope.
bool adds_scope_to(const Module& later, const Module& m) {
  const DlopenState& state = *later.dlopen_state;
  Order list = state.search_list.span();
  bool is_another = &later != m.dlopen_state->root && !state.is_leaving;
  return is_another && std::find(list.begin(), list.end(), &m) != list.end();
}

enum class Shown : bool { kAll, kNew };

// The parts of one object's scope, numbered from 0.
class ScopeLines {
 public:
  void add(Order first, Order second = {}) {
    if (count_ < from_) return void(++count_);
    TextBuffer<size_t{8} << 10> names;
    for (Order part : {first, second}) {
      for (const Module* m : part) names << (names.text().empty() ? "" : " ") << m->display_name();
    }
    trace::log(Topic::kScopes, {Event::kScope, {names.c_str()}, {count_++}});
  }

  void begin_at(uint64_t number) { from_ = number; }

 private:
  uint64_t count_ = 0;
  uint64_t from_ = 0;
};

// How many parts the scope of a dlopened object has.
uint64_t count_scopes(const Module& m) {
  uint64_t count = 2;
  for (const Module* later : dlopened.modules) count += adds_scope_to(*later, m) ? 1 : 0;
  return count;
}

// An object of start-up has no other part than the global scope.
void add_own_scopes(ScopeLines& lines, Module& m) {
  if (m.dlopen_state == nullptr) return;
  lines.add(search_list_of(*m.dlopen_state->root).span());
  for (const Module* later : dlopened.modules) {
    if (adds_scope_to(*later, m)) lines.add(later->dlopen_state->search_list.span());
  }
}

void trace_scopes_of(Module& m, Shown shown = Shown::kAll) {
  trace::log(Topic::kScopes, {Event::kScopesOf, {m.display_name()}});
  const Process& p = process;
  bool looks_up_nothing = m.kind == ModuleKind::kSelf || &m == p.graph.libc_rtld;
  if (looks_up_nothing) {
    trace::log(Topic::kScopes, {Event::kNoScope});
  } else {
    ScopeLines lines;
    if (shown == Shown::kNew) lines.begin_at(count_scopes(m) - 1);
    lines.add({p.scope_order.begin(), p.scope_order.size()},
              {dlopened.global.begin(), dlopened.global.size()});
    Module* const itself[] = {&m};
    &m == described_vdso() ? lines.add(itself) : add_own_scopes(lines, m);
  }
  blank_line();
}

}  // namespace

void trace_scopes_of_start_up() {
  if (!trace::on(Topic::kScopes)) return;
  blank_line();
  trace::log(Topic::kScopes, {Event::kScopesAtStart});
  for (LinkMap* map = process.graph.program->link_map; map != nullptr; map = map->l_next)
    trace_scopes_of(*map->module);
}

void trace_scopes_of_opened(Module& root) {
  if (!trace::on(Topic::kScopes)) return;
  trace_scopes_of(root);
  for (Module* m : search_list_of(root).span()) {
    bool was_there = m->dlopen_state != nullptr && m->dlopen_state->root != &root;
    trace_scopes_of(*m, was_there ? Shown::kNew : Shown::kAll);
  }
}

}  // namespace ldseal
