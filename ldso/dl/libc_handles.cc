// See libc_handles.h.
#include "ldso/dl/libc_handles.h"

namespace ldseal {

// libc's own list is the stand-in, libc, its rtld, and what it has loaded. The stand-in is not for
// programs.
bool is_handle_of_libc(const void* handle) {
  if (process.runtime.rendezvous == nullptr) return false;
  const LinkMap* stand_in = process.runtime.rendezvous->r_map;
  if (stand_in == nullptr) return false;
  for (const LinkMap* map = stand_in->l_next; map != nullptr; map = map->l_next) {
    if (map == handle) return true;
  }
  return false;
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
