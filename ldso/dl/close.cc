// What nobody needs any more leaves the process, as a whole: an object stays as long as it has a
// handle, must stay for good, has destructors of thread-local objects pending, or is needed or
// referred to by one that stays.
#include "ldso/dl/constructors.h"
#include "ldso/dl/open.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/rendezvous.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

namespace ldseal {
namespace {

bool must_stay(const OpenState& o) {
  return o.handles != 0 || o.is_permanent ||
         __atomic_load_n(&o.pending_thread_destructors, __ATOMIC_ACQUIRE) != 0;
}

// The objects that leave, those that need others before those.
class Collection {
 public:
  Collection() : numbering_(number_objects({}, scratch_)) {
    stays_ = scratch_.make_zeroed_array<bool>(numbering_.size());
    mark();
    for (Module* m : opened_objects.modules) {
      if (!stays_[m->scope_position]) insert(m);
    }
  }
  const List<Module*>& leaving() const { return leaving_; }

 private:
  void keep(Module* m) {
    if (m->opened == nullptr || stays_[m->scope_position]) return;
    stays_[m->scope_position] = true;
    staying_.add(scratch_, m);
  }
  void mark() {
    for (Module* m : opened_objects.modules) {
      if (must_stay(*m->opened)) keep(m);
    }
    for (size_t i = 0; i < staying_.size(); ++i) {  // grows as we go
      Module* m = staying_[i];
      for (Module* needed : m->needed) keep(needed);
      for (Module* other : m->opened->bound_to) keep(other);
    }
  }
  // The last that was constructed is the first to be destroyed.
  void insert(Module* m) {
    leaving_.add(scratch_, m);
    size_t at = leaving_.size() - 1;
    for (; at > 0 && leaving_[at - 1]->opened->construction < m->opened->construction; --at)
      leaving_[at] = leaving_[at - 1];
    leaving_[at] = m;
  }

  TemporaryArena scratch_;
  std::span<Module* const> numbering_;
  bool* stays_;
  List<Module*> staying_;
  List<Module*> leaving_;
};

// Nobody can find them from here on.
void unpublish(const List<Module*>& leaving) {
  OpenedObjects& o = opened_objects;
  auto leaves = [](const Module* m) { return m->opened->is_leaving; };
  Held list(o.list_lock);
  announce(RendezvousState::kDelete);
  o.modules.remove_if(leaves);
  o.global.remove_if(leaves);
  for (Module* m : leaving) {
    remove_link_map(*m->link_map);
    ++o.subs;
  }
  for (Module* m : o.modules) {
    if (m->opened->root->opened->is_leaving) m->opened->root = m;
    bool loader_leaves = m->loader->opened != nullptr && m->loader->opened->is_leaving;
    if (loader_leaves) m->loader = process.graph.program;
  }
  object_table.replace({o.modules.begin(), o.modules.size()});
  announce(RendezvousState::kConsistent);
}

void unload(Module& m) {
  OpenGroup* group = m.opened->group;
  if (m.tls.opened_id != 0) release_tls(m);
  release(m.opened->search_list);
  Mapping::owning(m.span);  // ends here
  if (--group->live != 0) return;
  group->~OpenGroup();
  heap::release(group, sizeof(OpenGroup), alignof(OpenGroup));
}

void collect_once() {
  Collection collection;
  if (collection.leaving().empty()) return;
  for (Module* m : collection.leaving()) m->opened->is_leaving = true;
  for (Module* m : collection.leaving()) destroy_opened(*m);
  unpublish(collection.leaving());
  for (Module* m : collection.leaving()) unload(*m);
}

// A destructor may close more: that is done when this is.
void collect() {
  OpenedObjects& o = opened_objects;
  o.must_collect_again = true;
  if (o.is_collecting || o.process_ends) return;
  o.is_collecting = true;
  while (o.must_collect_again) {
    o.must_collect_again = false;
    collect_once();
  }
  o.is_collecting = false;
}

}  // namespace

bool close_object(Module& m) {
  size_t& handles = handles_of(m);
  if (handles == 0) return false;
  --handles;
  bool keeps_objects = process.runtime.family == LibcFamily::kMusl;
  if (handles == 0 && m.opened != nullptr && !keeps_objects) collect();
  return true;
}

void run_opened_destructors() {
  OpenedObjects& o = opened_objects;
  Held loader(o.lock);
  o.process_ends = true;
  for (;;) {
    Module* last = nullptr;
    for (Module* m : o.modules) {
      bool is_later = last == nullptr || m->opened->construction > last->opened->construction;
      if (m->opened->construction != 0 && is_later) last = m;
    }
    if (last == nullptr) return;
    destroy_opened(*last);
  }
}

}  // namespace ldseal
