// Closing objects: all objects that are not needed any more leave the process together.
#include <optional>

#include "ldso/dl/constructors.h"
#include "ldso/dl/list_change.h"
#include "ldso/dl/open.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/opened_order.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/dl/unload_set.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/process/libc_version.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

namespace ldseal {
namespace {

// Takes the objects out of every list, so that no look-up finds them from here on.
void unpublish(const List<Module*>& leaving) {
  ListChange change(ChangeOfLists::kRemoval);
  announce(RendezvousState::kDelete);
  take_out_of_lists();
  for (Module* m : leaving) remove_link_map(*m->link_map);
  dlopened.subs += leaving.size();
  module_table.replace({dlopened.modules.begin(), dlopened.modules.size()});
  announce(RendezvousState::kConsistent);
}

void unload(Module& m) {
  DlopenGroup& group = *m.dlopen_state->group;
  if (m.tls.opened_id != 0) release_tls(m);
  release_state(m);
  Mapping::owning(m.span);  // ends here
  --group.live;
  end_if_empty(group);
}

List<Module*> those_to_unload(Arena& scratch) {
  const RecordList<Module*>& opened = dlopened.modules;
  return unload_set({opened.begin(), opened.size()}, object_count(), scratch);
}

List<Module*> all_in_order(Module* closed, Arena& scratch) {
  constexpr unsigned kClosedComesFirst = 39;
  std::span<Module* const> opened = {dlopened.modules.begin(), dlopened.modules.size()};
  if (closed == nullptr || !is_glibc_since(kClosedComesFirst))
    return destruction_order(opened, object_count(), scratch);
  return destruction_order_from(*closed, opened, object_count(), scratch);
}

void sort_for_destruction(List<Module*>& leaving, Module* closed, Arena& scratch) {
  leaving.clear();
  for (Module* m : all_in_order(closed, scratch)) {
    if (m->dlopen_state != nullptr && m->dlopen_state->is_leaving) leaving.add(scratch, m);
  }
}

// In the order in which their destructors run.
List<Module*> those_that_leave(Module* closed, Arena& scratch) {
  RecordChange change;
  List<Module*> leaving = those_to_unload(scratch);
  if (leaving.empty()) return leaving;
  for (Module* m : leaving) m->dlopen_state->is_leaving = true;
  sort_for_destruction(leaving, closed, scratch);
  return leaving;
}

// Each is found as before until its own destructors have run.
void destroy_all(const List<Module*>& leaving) {
  for (Module* m : leaving) {
    destroy_once(*m);
    m->dlopen_state->life->is_removed = true;
  }
}

// What a destructor has opened again stays in memory, and so does what that needs.
void keep_what_was_opened_again(List<Module*>& leaving, Arena& scratch) {
  for (Module* m : leaving) m->dlopen_state->is_leaving = false;
  List<Module*> still;
  for (Module* m : those_to_unload(scratch)) {
    if (!is_removed(*m)) continue;  // closed by a destructor: the next round's
    m->dlopen_state->is_leaving = true;
    still.add(scratch, m);
  }
  leaving = still;
}

// `closed` is null in a round that destructors of an earlier one have made necessary. Only the
// first round finds a change that goes on. Between that and the next one foreign code runs.
void collect_once(Module* closed, std::optional<RecordChange>& first_change) {
  TemporaryArena scratch;
  List<Module*> leaving = those_that_leave(closed, scratch);
  first_change.reset();
  if (leaving.empty()) return;
  destroy_all(leaving);
  RecordChange change;
  keep_what_was_opened_again(leaving, scratch);
  if (leaving.empty()) return;
  unpublish(leaving);
  for (Module* m : leaving) unload(*m);
}

// Unloads what is not needed any more. A destructor may close more objects; then the loop runs
// again.
void collect(Module& closed, std::optional<RecordChange>& change) {
  DlProgress& o = dl_progress;
  o.must_collect_again = true;
  if (o.is_collecting) return;
  o.is_collecting = true;
  for (Module* first = &closed; o.must_collect_again; first = nullptr) {
    o.must_collect_again = false;
    collect_once(first, change);
  }
  o.is_collecting = false;
}

}  // namespace

bool close_object(Module& m) {
  HandleState& state = handle_state(m);
  bool keeps_objects = process.runtime.family == LibcFamily::kMusl;
  bool stays = m.dlopen_state != nullptr && m.dlopen_state->is_pinned;
  if (state.handles == 0) return keeps_objects || stays;  // neither libc counts for those
  std::optional<RecordChange> change(std::in_place);
  --state.handles;
  if (state.handles == 0 && m.dlopen_state != nullptr && !keeps_objects) collect(m, change);
  return true;
}

}  // namespace ldseal
