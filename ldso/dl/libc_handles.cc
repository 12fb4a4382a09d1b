// See libc_handles.h.
#include "ldso/dl/libc_handles.h"

#include "ldso/dl/opened.h"

namespace ldseal {
namespace {

bool is_in_list(const LinkMap* map, const void* handle) {
  for (; map != nullptr; map = map->l_next) {
    if (map == handle) return true;
  }
  return false;
}

// Objects in other namespaces than the program's. glibc before 2.35 does not show their lists, and
// it does not check handles: there, any other handle is taken for one of them.
bool is_handle_in_namespace(const Rendezvous& base, const void* handle) {
  if (base.r_version < kExtendedRendezvous) return dlopened.has_namespaces;
  const auto* list = reinterpret_cast<const ExtendedRendezvous*>(&base)->r_next;
  for (; list != nullptr; list = list->r_next) {
    if (is_in_list(list->base.r_map, handle)) return true;
  }
  return false;
}

// libc's own list is the stand-in, libc, its rtld, and what it has loaded. The stand-in is not for
// programs.
bool is_in_any_list(const void* handle) {
  const Rendezvous* base = process.runtime.rendezvous;
  if (base == nullptr || base->r_map == nullptr) return false;
  return is_in_list(base->r_map->l_next, handle) || is_handle_in_namespace(*base, handle);
}

}  // namespace

bool is_handle_of_libc(const void* handle) {
  struct Search {
    const void* handle;
    bool is_found;
  } search{handle, false};
  IterateProgramHeaders* iterate = libcs_iterate();
  if (iterate == nullptr) return false;
  // rtld's lists do not change while libc calls out.
  iterate(
      [](ProgramHeaderInfo*, size_t, void* data) {
        auto* s = static_cast<Search*>(data);
        s->is_found = is_in_any_list(s->handle);
        return 1;
      },
      &search);
  return search.is_found;
}

Error bad_handle(const void* handle) {
  Error e = fault(Fault::kBadHandle);
  e.found = reinterpret_cast<uintptr_t>(handle);
  return e;
}

void adopt_libc_error() {
  using Ask = const char* (*)();
  auto ask = reinterpret_cast<Ask>(libc_function("dlerror").value);
  const char* text = ask == nullptr ? nullptr : ask();
  if (text != nullptr) set_dl_error_text(text);
}

}  // namespace ldseal
