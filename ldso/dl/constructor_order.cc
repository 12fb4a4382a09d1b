// See constructor_order.h.
#include "ldso/dl/constructor_order.h"

#include "ldso/dl/older_sort.h"
#include "ldso/dl/post_order.h"

namespace ldseal {
namespace {

// Marks are in the modules, which are not read-only yet.
class StartUpGraph {
 public:
  // The program's run last of all, we have none.
  bool enter(Module& m) {
    bool has_constructors_here = m.kind != ModuleKind::kProgram && m.kind != ModuleKind::kSelf;
    return has_constructors_here && enter_any(m);
  }
  bool enter_any(Module& m) {
    bool is_first_time = !m.visited;
    m.visited = true;
    return is_first_time;
  }
  Module* dependency(const Module& m, size_t i) {
    return i < m.needed.size() ? m.needed[i] : nullptr;
  }
};

List<Module*> libraries_of(std::span<Module* const> order, Arena& permanent) {
  List<Module*> libraries;
  for (Module* m : order) {
    if (m->kind == ModuleKind::kLibrary) libraries.add(permanent, m);
  }
  return libraries;
}

}  // namespace

List<Module*> constructor_order(std::span<Module* const> modules, size_t preload_count,
                                LibcRules rules, Arena& permanent, Arena& scratch) {
  for (Module* m : modules) m->visited = false;
  List<Module*> order;
  StartUpGraph graph;
  PostOrder walk(graph, order, permanent, scratch);
  auto visit = [&](Module& m) {
    if (graph.enter_any(m)) walk.walk_from(m);
  };
  if (rules == LibcRules::kMusl) {
    for (Module* preload : modules.subspan(1, preload_count)) visit(*preload);
    visit(*modules[0]);
  }
  for (size_t i = modules.size(); i > 0; --i) visit(*modules[i - 1]);
  return libraries_of({order.begin(), order.size()}, permanent);
}

List<Module*> older_constructor_order(std::span<Module* const> modules, Arena& permanent,
                                      Arena& scratch) {
  List<Module*> sorted, backwards;
  for (Module* m : modules.subspan(1)) sorted.add(scratch, m);  // the program's run last of all
  sort_as_before_2_35({sorted.begin(), sorted.size()}, Bindings::kIgnored, scratch);
  for (size_t i = sorted.size(); i > 0; --i) backwards.add(scratch, sorted[i - 1]);
  return libraries_of({backwards.begin(), backwards.size()}, permanent);
}

}  // namespace ldseal
