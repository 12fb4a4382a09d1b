// See opened_order.h.
#include "ldso/dl/opened_order.h"

#include "ldso/dl/older_sort.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/post_order.h"
#include "ldso/process/process.h"

namespace ldseal {
namespace {

// Marks are by number: objects of start-up are read-only by now.
class LoadedGraph {
 public:
  LoadedGraph(size_t object_count, Bindings bindings, Arena& scratch)
      : is_entered_(scratch.make_zeroed_array<bool>(object_count)), bindings_(bindings) {}

  // The program is no dependency.
  bool enter(Module& m) { return m.kind != ModuleKind::kProgram && enter_any(m); }
  bool enter_any(Module& m) {
    bool is_first_time = !is_entered_[m.scope_position];
    is_entered_[m.scope_position] = true;
    return is_first_time;
  }
  Module* dependency(const Module& m, size_t i) {
    std::span<Module* const> all = dependencies(m);
    if (i < all.size()) return all[i];
    return bindings_ == Bindings::kHeeded ? bound(m, i - all.size()) : nullptr;
  }
  bool has_met_bindings_beyond_needs() const { return has_met_bindings_beyond_needs_; }

 private:
  // The last binding first.
  Module* bound(const Module& m, size_t i) {
    if (m.dlopen_state == nullptr || i >= m.dlopen_state->bound_to.size()) return nullptr;
    if (m.dlopen_state->is_bound_beyond_needs) has_met_bindings_beyond_needs_ = true;
    const RecordList<Module*>& bound_to = m.dlopen_state->bound_to;
    return bound_to[bound_to.size() - 1 - i];
  }

  bool* is_entered_;
  Bindings bindings_;
  bool has_met_bindings_beyond_needs_ = false;
};

// From the last to the first.
void walk_backwards(LoadedGraph& graph, std::span<Module* const> modules, List<Module*>& order,
                    Arena& scratch) {
  PostOrder walk(graph, order, scratch, scratch);
  for (size_t i = modules.size(); i > 0; --i) {
    if (graph.enter_any(*modules[i - 1])) walk.walk_from(*modules[i - 1]);
  }
}

void walk_forwards(LoadedGraph& graph, const List<Module*>& modules, List<Module*>& order,
                   Arena& scratch) {
  PostOrder walk(graph, order, scratch, scratch);
  for (Module* m : modules) {
    if (graph.enter_any(*m)) walk.walk_from(*m);
  }
}

List<Module*> backwards(const List<Module*>& order, Arena& scratch) {
  List<Module*> list;
  for (size_t i = order.size(); i > 0; --i) list.add(scratch, order[i - 1]);
  return list;
}

// By the rule of older_sort.h, by which the first `fixed` objects keep their places.
List<Module*> older_order(std::span<Module* const> modules, size_t fixed, Bindings bindings,
                          Arena& scratch) {
  List<Module*> order;
  for (Module* m : modules) {
    if (m->kind != ModuleKind::kSelf)
      order.add(scratch, m);  // libc's own loader has no such object
  }
  sort_as_before_2_35({order.begin() + fixed, order.size() - fixed}, bindings, scratch);
  return order;
}

// While glibc sorts, it does not know yet what an object needs that was not loaded before; the
// object comes last in any case, also in a cycle.
List<Module*> glibcs_order(Module& root, IsLoaded when, size_t object_count, Arena& scratch) {
  LoadedGraph graph(object_count, Bindings::kIgnored, scratch);
  if (when == IsLoaded::kJustNow) graph.enter_any(root);
  List<Module*> all, order;
  walk_backwards(graph, search_list_of(root).span(), all, scratch);
  for (Module* m : all) {
    if (m != &root) order.add(scratch, m);
  }
  order.add(scratch, &root);
  return order;
}

}  // namespace

List<Module*> construction_order(Module& root, IsLoaded when, size_t object_count, Arena& scratch) {
  if (process.sorts_as_before_2_35)
    return backwards(older_order(search_list_of(root).span(), 1, Bindings::kIgnored, scratch),
                     scratch);
  if (process.runtime.family != LibcFamily::kMusl)
    return glibcs_order(root, when, object_count, scratch);
  LoadedGraph graph(object_count, Bindings::kIgnored, scratch);
  List<Module*> order;
  graph.enter_any(root);
  PostOrder(graph, order, scratch, scratch).walk_from(root);
  return order;
}

// Where bindings beyond DT_NEEDED were met, a second walk without them puts DT_NEEDED first again.
List<Module*> destruction_order(std::span<Module* const> loaded, size_t object_count,
                                Arena& scratch) {
  if (process.sorts_as_before_2_35) {
    bool has_program = !loaded.empty() && loaded[0]->kind == ModuleKind::kProgram;
    return older_order(loaded, has_program ? 1 : 0, Bindings::kHeeded, scratch);
  }
  List<Module*> order;
  LoadedGraph with_bindings(object_count, Bindings::kHeeded, scratch);
  walk_backwards(with_bindings, loaded, order, scratch);
  if (with_bindings.has_met_bindings_beyond_needs()) {
    List<Module*> again;
    LoadedGraph without(object_count, Bindings::kIgnored, scratch);
    walk_forwards(without, order, again, scratch);
    order = again;
  }
  return backwards(order, scratch);
}

// The walk is backwards, so it comes to the first of `loaded` last.
List<Module*> destruction_order_from(Module& closed, std::span<Module* const> loaded,
                                     size_t object_count, Arena& scratch) {
  List<Module*> closed_first, order;
  closed_first.add(scratch, &closed);
  for (Module* m : loaded) {
    if (m != &closed) closed_first.add(scratch, m);
  }
  if (process.sorts_as_before_2_35)
    return older_order({closed_first.begin(), closed_first.size()}, 1, Bindings::kHeeded, scratch);
  order.add(scratch, &closed);
  for (Module* m :
       destruction_order({closed_first.begin(), closed_first.size()}, object_count, scratch)) {
    if (m != &closed) order.add(scratch, m);
  }
  return order;
}

Module* first_to_initialise(std::span<Module* const> brought) {
  if (process.runtime.family == LibcFamily::kMusl) return nullptr;
  for (size_t i = brought.size(); i > 0; --i) {
    Module* m = brought[i - 1];
    bool has_flag = (m->dynamic.flags_1 & DF_1_INITFIRST) != 0;
    if (has_flag && m->kind == ModuleKind::kLibrary) return m;
  }
  return nullptr;
}

}  // namespace ldseal
