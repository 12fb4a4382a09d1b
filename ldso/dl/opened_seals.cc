// See opened_seals.h. An object stays as long as another one that needs it or refers to it. So
// everything that a pinned object needs is pinned, too.
#include "ldso/dl/opened_seals.h"

#include <linux/mman.h>

#include "ldso/base/trace.h"
#include "ldso/dl/opened.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/process/process.h"
#include "ldso/seal/execute.h"
#include "ldso/seal/filter.h"
#include "ldso/seal/planned_module.h"

namespace ldseal {
namespace {

// The objects that are pinned and not sealed yet, and the groups that therefore stay. They are
// marked as sealed; the destructor takes the marks back, unless `keep` was called.
class PinnedSet {
 public:
  PinnedSet(std::span<Module* const> group, Arena& scratch) : scratch_(scratch) {
    for (Module* m : group) add_if_pinned(m);
    for (Module* m : dlopened.modules) add_if_pinned(m);
    for (size_t i = 0; i < modules_.size(); ++i) {  // grows as we go
      for (Module* needed : modules_[i]->needed) add(needed);
      for (Module* other : modules_[i]->dlopen_state->bound_to) add(other);
    }
  }
  ~PinnedSet() {
    for (Module* m : modules_) m->dlopen_state->is_sealed = is_kept_;
    for (DlopenGroup* group : groups_) group->is_sealed = is_kept_;
  }
  PinnedSet(const PinnedSet&) = delete;
  PinnedSet& operator=(const PinnedSet&) = delete;

  const List<Module*>& modules() const { return modules_; }
  const List<DlopenGroup*>& groups() const { return groups_; }
  void keep() {
    is_kept_ = true;
    for (Module* m : modules_) m->dlopen_state->is_pinned = true;
  }

 private:
  void add_if_pinned(Module* m) {
    if (m->dlopen_state->is_pinned) add(m);
  }
  void add(Module* m) {
    if (m->dlopen_state == nullptr || m->dlopen_state->is_sealed) return;
    m->dlopen_state->is_sealed = true;
    modules_.add(scratch_, m);
    DlopenGroup* group = m->dlopen_state->group;
    if (group->is_sealed) return;
    group->is_sealed = true;
    groups_.add(scratch_, group);
  }

  Arena& scratch_;
  List<Module*> modules_;
  List<DlopenGroup*> groups_;
  bool is_kept_ = false;
};

// The descriptions of these groups are final, and those of `opening`, if it is another one,
// read-only.
void add_descriptions(Plan& plan, const PinnedSet& pinned, const DlopenGroup* opening) {
  const char* loader = process.self->display_name();
  for (const DlopenGroup* group : pinned.groups())
    group->arena.for_each_run([&](AddressRange pages) { plan.add_description(pages, loader); });
  bool is_closable = opening != nullptr && !opening->is_sealed && trace::on(Topic::kSeal);
  if (!is_closable) return;
  opening->arena.for_each_run(
      [&](AddressRange pages) { plan.add_changing(pages, PROT_READ, loader); });
}

void remember(Plan& plan, Arena& scratch) {
  List<SealedRun> runs;
  list_runs(plan, runs, scratch);
  for (const SealedRun& run : runs) {
    if (!dlopened.sealed.add(run)) die_out_of_memory();
  }
}

}  // namespace

Status seal_pinned(std::span<Module* const> group) {
  if (!needs_plan(process.policy)) return {};
  TemporaryArena scratch;
  PinnedSet pinned(group, scratch);
  Policy policy = process.policy;
  if (!pinned.modules().empty()) {
    query_filter_again(policy);
    if (Status s = check_filter(policy, pinned.modules()[0]->display_name()); !s) return s;
  }
  Plan plan(policy, process.page, scratch);
  for (const Module* m : pinned.modules()) plan.add_object(planned(*m));
  for (const Module* m : group) {
    if (trace::on(Topic::kSeal) && !m->dlopen_state->is_sealed) plan.add_closable(planned(*m));
  }
  const DlopenGroup* opening = group.empty() ? nullptr : group[0]->dlopen_state->group;
  if (are_records_read_only()) add_descriptions(plan, pinned, opening);
  plan.sort();
  if (pinned.modules().empty()) {
    trace_ranges(plan);
    return {};
  }
  if (Status s = execute(plan); !s) return s;
  pinned.keep();
  remember(plan, scratch);
  return {};
}

int seal_opened_again() {
  const RecordList<SealedRun>& sealed = dlopened.sealed;
  return seal_again({sealed.begin(), sealed.size()});
}

}  // namespace ldseal
