// See list_change.h.
#include "ldso/dl/list_change.h"

#include "ldso/dl/rendezvous.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

bool leaves(const Module* m) { return m->dlopen_state != nullptr && m->dlopen_state->is_leaving; }

// Objects that came and objects that went: the difference are those that are there.
void count_again() {
  DlopenedObjects& o = dlopened;
  if (o.change == ChangeOfLists::kRemoval) {
    o.subs = o.adds - o.modules.size();
  } else {
    o.adds = o.subs + o.modules.size();
  }
}

}  // namespace

void take_out_of_lists() {
  DlopenedObjects& o = dlopened;
  o.modules.remove_if(leaves);
  o.global.remove_if(leaves);
  for (Module* m : o.modules) {
    if (leaves(m->dlopen_state->root)) m->dlopen_state->root = m;
    if (leaves(m->changes->needed_by)) m->changes->needed_by = process.graph.program;
  }
}

void complete_list_change() {
  DlopenedObjects& o = dlopened;
  if (o.change == ChangeOfLists::kNone) return;
  o.modules.remove_repeated();
  o.global.remove_repeated();
  if (o.change == ChangeOfLists::kRemoval) take_out_of_lists();
  std::span<Module* const> opened = {o.modules.begin(), o.modules.size()};
  count_again();
  relink_opened(opened);
  module_table.replace(opened);
  if (o.has_namespaces) show_namespaces();
  announce(RendezvousState::kConsistent);
  o.change = ChangeOfLists::kNone;
}

}  // namespace ldseal
