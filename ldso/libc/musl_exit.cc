// See musl_exit.h.
#include "ldso/libc/musl_exit.h"

#include "ldso/base/lifetime.h"

namespace ldseal {
namespace {

LDSEAL_FINAL constinit LinkMap* map_of_libc = nullptr;
LDSEAL_FINAL constinit const Dyn* section_of_libc = nullptr;

bool is_of_destructors(const Dyn& entry) {
  return entry.d_tag == DT_FINI || entry.d_tag == DT_FINI_ARRAY || entry.d_tag == DT_FINI_ARRAYSZ;
}

const Dyn* copy_without_destructors(const Dyn* section, Arena& permanent) {
  size_t count = 0;
  while (section[count].d_tag != DT_NULL) ++count;
  auto* copy = permanent.make_array<Dyn>(count + 1);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!is_of_destructors(section[i])) copy[used++] = section[i];
  }
  copy[used] = {DT_NULL, {0}};
  return copy;
}

}  // namespace

bool hide_destructors_of_libc(const Module& libc, const Rendezvous* list, Arena& permanent) {
  section_of_libc = libc.dynamic_section().as<const Dyn>();
  map_of_libc = list == nullptr ? nullptr : list->r_map;
  while (map_of_libc != nullptr && map_of_libc->l_ld != section_of_libc)
    map_of_libc = map_of_libc->l_next;
  if (map_of_libc == nullptr) return false;
  map_of_libc->l_ld = copy_without_destructors(section_of_libc, permanent);
  return true;
}

void show_destructors_of_libc() { map_of_libc->l_ld = section_of_libc; }

}  // namespace ldseal
