// See older_sort.h.
#include "ldso/dl/older_sort.h"

#include "ldso/dl/opened.h"

namespace ldseal {
namespace {

bool has(std::span<Module* const> list, const Module* wanted) {
  for (const Module* m : list) {
    if (m == wanted) return true;
  }
  return false;
}

class OlderSort {
 public:
  OlderSort(std::span<Module*> objects, Bindings bindings, Arena& scratch)
      : objects_(objects),
        looked_at_(scratch.make_zeroed_array<size_t>(objects.size())),
        bindings_(bindings) {}

  void sort() {
    size_t count = objects_.size();
    for (size_t i = 0; i < count;) {
      ++looked_at_[i];
      size_t last = last_before(i);
      bool is_moved = last != i;
      if (is_moved) rotate(objects_.data(), i, last);
      bool is_settled = !is_moved || looked_at_[i + 1] > count - i;
      if (is_settled) {
        forget_from(++i);
      } else {
        rotate(looked_at_, i, last);
      }
    }
  }

 private:
  // The last one that must come before objects_[i]; i if there is none behind it.
  size_t last_before(size_t i) const {
    size_t k = objects_.size() - 1;
    while (k > i && !comes_before(*objects_[k], *objects_[i])) --k;
    return k;
  }
  // Of a cycle with a binding DT_NEEDED counts.
  bool comes_before(const Module& user, const Module& used) const {
    if (has(dependencies(user), &used)) return true;
    if (bindings_ == Bindings::kIgnored || user.dlopen_state == nullptr) return false;
    const RecordList<Module*>& bound_to = user.dlopen_state->bound_to;
    return has({bound_to.begin(), bound_to.size()}, &used) && !has(dependencies(used), &user);
  }
  template <class T>
  static void rotate(T* items, size_t first, size_t last) {
    T moved = items[first];
    for (size_t i = first; i < last; ++i) items[i] = items[i + 1];
    items[last] = moved;
  }
  void forget_from(size_t i) {
    for (; i < objects_.size(); ++i) looked_at_[i] = 0;
  }

  std::span<Module*> objects_;
  size_t* looked_at_;  // how often, by place
  Bindings bindings_;
};

}  // namespace

void sort_as_before_2_35(std::span<Module*> objects, Bindings bindings, Arena& scratch) {
  OlderSort(objects, bindings, scratch).sort();
}

}  // namespace ldseal
