// A depth-first walk over objects and what they need: what an object needs comes before it. Without
// recursion: a chain of dependencies may be thousands long.
#pragma once

#include "ldso/base/arena.h"
#include "ldso/image/module.h"

namespace ldseal {

// `Graph` says what the walk is over: `bool enter(Module&)` is true once for each object that is to
// be walked to, `Module* dependency(const Module&, size_t i)` gives null behind the last.
template <class Graph>
class PostOrder {
 public:
  PostOrder(Graph& graph, List<Module*>& order, Arena& permanent, Arena& scratch)
      : graph_(graph), order_(order), permanent_(permanent), scratch_(scratch) {}

  // The caller has entered `start`.
  void walk_from(Module& start) {
    push({&start, 0});
    while (depth_ > 0) {
      Frame& top = stack_[depth_ - 1];
      Module* dependency = graph_.dependency(*top.module, top.next++);
      if (dependency == nullptr) {
        order_.add(permanent_, top.module);
        --depth_;
      } else if (graph_.enter(*dependency)) {
        push({dependency, 0});
      }
    }
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

  Graph& graph_;
  List<Module*>& order_;
  Arena& permanent_;
  Arena& scratch_;
  List<Frame> stack_;
  size_t depth_ = 0;
};

}  // namespace ldseal
