// See unload_set.h.
#include "ldso/dl/unload_set.h"

#include "ldso/dl/opened.h"

namespace ldseal {
namespace {

bool must_stay(const DlopenState& o) {
  return o.handles != 0 || o.is_pinned || o.stays_to_the_end ||
         __atomic_load_n(&o.life->pending_thread_destructors, __ATOMIC_ACQUIRE) != 0;
}

// The objects that must stay, and all that they need or refer to.
class StayingObjects {
 public:
  StayingObjects(std::span<Module* const> opened, size_t object_count, Arena& scratch)
      : scratch_(scratch), stays_(scratch.make_zeroed_array<bool>(object_count)) {
    for (Module* m : opened) {
      if (must_stay(*m->dlopen_state)) keep(m);
    }
    for (size_t i = 0; i < found_.size(); ++i) {  // grows as we go
      for (Module* needed : found_[i]->needed) keep(needed);
      for (Module* other : found_[i]->dlopen_state->bound_to) keep(other);
    }
  }
  bool has(const Module& m) const { return stays_[m.scope_position]; }

 private:
  [[gnu::noinline]] void keep(Module* m) {
    if (m->dlopen_state == nullptr || has(*m)) return;
    stays_[m->scope_position] = true;
    found_.add(scratch_, m);
  }

  Arena& scratch_;
  bool* stays_;
  List<Module*> found_;
};

}  // namespace

List<Module*> unload_set(std::span<Module* const> opened, size_t object_count, Arena& scratch) {
  StayingObjects staying(opened, object_count, scratch);
  List<Module*> leaving;
  for (Module* m : opened) {
    if (!staying.has(*m)) leaving.add(scratch, m);
  }
  return leaving;
}

}  // namespace ldseal
