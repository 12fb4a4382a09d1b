// See fini.h. The loader's lock is not held while destructors run: a thread that one of them waits
// for may need it. What was there when the process began to end stays to its end.
#include "ldso/dl/fini.h"

#include "ldso/dl/constructors.h"
#include "ldso/dl/lifecycle.h"
#include "ldso/dl/namespace_objects.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/opened_order.h"
#include "ldso/mem/records.h"

namespace ldseal {
namespace {

// Nothing was ever opened: the reverse of start-up, in which the program comes last.
void destroy_start_up(const Process& p) {
  if (program_has_begun()) destroy(*p.graph.program, p);
  std::span<Module* const> libraries = begun_at_start_up();
  for (size_t i = libraries.size(); i > 0; --i) destroy(*libraries[i - 1], p);
}

// In the order of loading.
List<Module*> all_objects(const Process& p, Arena& scratch) {
  List<Module*> all;
  for (Module* m : p.graph.modules) all.add(scratch, m);
  for (Module* m : dlopened.modules) all.add(scratch, m);
  return all;
}

// musl: the last whose construction began is the first.
void sort_by_construction(List<Module*>& list) {
  auto number = [](Module* m) { return handle_state(*m).life->construction; };
  for (size_t i = 1; i < list.size(); ++i) {
    Module* m = list[i];
    size_t at = i;
    for (; at > 0 && number(list[at - 1]) < number(m); --at) list[at] = list[at - 1];
    list[at] = m;
  }
}

List<Module*> order_at_end(const Process& p, Arena& scratch) {
  LockGuard guard(dl_lock);
  RecordChange change;
  for (Module* m : dlopened.modules) m->dlopen_state->stays_to_the_end = true;
  List<Module*> all = all_objects(p, scratch);
  if (p.runtime.family == LibcFamily::kMusl) {
    sort_by_construction(all);
    return all;
  }
  return destruction_order({all.begin(), all.size()}, object_count(), scratch);
}

void destroy_all(const Process& p) {
  if (dlopened.start_up == nullptr) return destroy_start_up(p);
  TemporaryArena scratch;
  for (Module* m : order_at_end(p, scratch)) {
    if (m->is_linked_by_us()) destroy_once(*m);
  }
}

}  // namespace

// As in glibc, other namespaces end before the program's, and libc is the last. With musl
// `libc_rtld` is null.
void run_destructors(const Process& p) {
  dl_progress.process_ends = true;
  destroy_namespace_objects();
  destroy_all(p);
  for (const Module* m : {p.graph.libc, p.graph.libc_rtld}) {
    if (m != nullptr) destroy(*m, p);
  }
}

}  // namespace ldseal
