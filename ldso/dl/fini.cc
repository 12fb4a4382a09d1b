// See fini.h.
#include "ldso/dl/fini.h"

#include "ldso/dl/constructors.h"
#include "ldso/dl/opened.h"

namespace ldseal {

void run_opened_destructors() {
  DlopenedObjects& o = dlopened;
  LockGuard guard(o.dl_lock);
  o.process_ends = true;
  for (;;) {
    Module* last = nullptr;
    for (Module* m : o.modules) {
      bool is_later =
          last == nullptr || m->dlopen_state->construction > last->dlopen_state->construction;
      if (m->dlopen_state->construction != 0 && is_later) last = m;
    }
    if (last == nullptr) return;
    destroy_opened(*last);
  }
}

void run_destructors(const Process& p) {
  bool program_is_first = p.runtime.family != LibcFamily::kMusl;
  if (program_is_first) destroy(*p.graph.program, p);
  run_opened_destructors();
  if (!program_is_first) destroy(*p.graph.program, p);
  for (size_t i = p.constructors.size(); i > 0; --i) destroy(*p.constructors[i - 1], p);
}

}  // namespace ldseal
