// See constructor_order.h.
#include "ldso/dl/constructor_order.h"

namespace ldseal {
namespace {

// The program's constructors run last of all and ld-seal has none. After start-up both descriptions
// are sealed, so `visited` cannot be written.
bool has_no_constructors_here(const Module& m) {
  return m.kind == ModuleKind::kProgram || m.kind == ModuleKind::kSelf;
}

// A depth-first walk without recursion: a chain of dependencies may be thousands long.
class PostOrder {
 public:
  PostOrder(List<Module*>& order, Arena& permanent, Arena& scratch)
      : order_(order), permanent_(permanent), scratch_(scratch) {}

  void visit(Module& start) {
    if (start.visited) return;
    start.visited = true;
    stack_.add(scratch_, {&start, 0});
    depth_ = 1;
    while (depth_ > 0) {
      Frame& top = stack_[depth_ - 1];
      if (top.next == top.module->needed.size()) {
        order_.add(permanent_, top.module);
        --depth_;
        continue;
      }
      Module* dependency = top.module->needed[top.next++];
      if (dependency->visited || has_no_constructors_here(*dependency)) continue;
      dependency->visited = true;
      push({dependency, 0});
    }
    stack_.clear();
  }

 private:
  struct Frame {
    Module* module;
    size_t next;
  };
  void push(const Frame& frame) {
    if (depth_ == stack_.size()) {
      stack_.add(scratch_, frame);
    } else {
      stack_[depth_] = frame;
    }
    ++depth_;
  }

  List<Module*>& order_;
  Arena& permanent_;
  Arena& scratch_;
  List<Frame> stack_;
  size_t depth_ = 0;
};

}  // namespace

List<Module*> constructor_order(std::span<Module* const> modules, LibcRules rules, Arena& permanent,
                                Arena& scratch) {
  for (Module* m : modules) m->visited = false;
  List<Module*> order;
  PostOrder walk(order, permanent, scratch);
  if (rules == LibcRules::kMusl) {
    walk.visit(*modules[0]);
  }
  for (size_t i = modules.size(); i > 0; --i) walk.visit(*modules[i - 1]);
  List<Module*> ours;
  for (Module* m : order) {
    if (m->kind == ModuleKind::kLibrary) ours.add(permanent, m);
  }
  return ours;
}

}  // namespace ldseal
