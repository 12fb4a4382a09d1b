// See sealing.h.
//
// What of the loader stays writable after start-up, and why:
// - `process`, `_r_debug` and the few variables beside them: the lists of objects, which debuggers
//   read and dlopen extends;
// - the initial values of thread-local storage, which libc copies for every new thread: those of
//   opened objects are added to them;
// - the pages that they share with the first scratch memory.
// What opened objects need comes later, from mem/heap.h, and stays writable. The permanent arena, with
// every module's description, the search order, the link_map list and the stand-in, is read-only and
// sealed, and so is the loader's stack behind it.
#include "ldso/start/sealing.h"

#include <linux/mman.h>

#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/elf/image_view.h"
#include "ldso/mem/arenas.h"
#include "ldso/mem/guards.h"
#include "ldso/mem/mapping.h"
#include "ldso/seal/apply.h"
#include "ldso/seal/carry_out.h"
#include "ldso/seal/hatch.h"
#include "ldso/seal/planned_module.h"
#include "ldso/start/seal_text.h"

namespace ldseal {
namespace {

Error in_object(Error e, const Module& m) {
  e.object = m.display_name();
  return e;
}

// RELRO that is the copy of a file's pages becomes memory without a file.
Status own_relro(const Process& p, const Module& m) {
  if (!p.policy.seals(SealClass::kRelro)) return {};
  alignas(16) unsigned char buffer[size_t{16} << 10];
  AddressRange pages = relro_pages(m.segments, m.bias, p.page);
  Status s = pages.empty() ? Status() : make_anonymous(pages, buffer);
  return s ? Status() : Status(in_object(s.error(), m));
}

SystemMappings look_for_system_mappings(const Process& p) {
  Address vdso(p.stack.value(AT_SYSINFO_EHDR));
  SystemMappings found = trace::on(Topic::kSeal) ? find_system_mappings(vdso, p.page, kTellingOrder)
                                                 : find_system_mappings(vdso, p.page, kQuickOrder);
  trace::tell(Topic::kSeal,
              {Event::kSealSystem,
               {},
               {static_cast<uint64_t>(found.method), static_cast<uint64_t>(found.doubt)}});
  return found;
}

// Under `require`: the kernel's mappings are there, and nobody knows how far they reach.
Status check_known(const Process& p, const SystemMappings& mappings) {
  bool is_known = mappings.doubt == SystemMappingsDoubt::kNone ||
                  mappings.doubt == SystemMappingsDoubt::kNoVdso;
  if (!p.policy.is_required || is_known) return {};
  Error e = fault(Fault::kSystemMappingsUnknown);
  e.name = text_of(static_cast<uint64_t>(mappings.doubt));
  e.place = Place::kVaddr;
  e.where = p.stack.value(AT_SYSINFO_EHDR);
  return e;
}

// `plan` has everything but the system's mappings and ourselves.
Status seal(Process& p, Plan& plan) {
  constexpr size_t kOwnSegmentsAndSystem = 8;
  SystemMappings system;
  if (p.policy.seals(SealClass::kSystem)) system = look_for_system_mappings(p);
  if (Status s = check_known(p, system); !s) return s;
  plan.add_system(system);
  p.sealed.reserve(permanent_arena,
                   plan.ranges().size() + kOwnSegmentsAndSystem + most_permanent_ranges());
  List<AddressRange> ours;
  if (p.policy.seals(SealClass::kLoader)) ours = close_our_memory();
  plan.add_loader(planned(*p.ourselves), {ours.begin(), ours.size()});
  for (AddressRange range : changing_memory())
    plan.add_changing(range, p.ourselves->display_name());
  plan.sort();
  list_runs(plan, p.sealed, permanent_arena);
  for (AddressRange pages : ours) {
    if (Status s = change_protection(pages, PROT_READ); !s) return s;
  }
  return carry_out(plan);
}

}  // namespace

void ask_supervisor(Process& p, const Options& options) {
  heed_recorder(p.policy, options.recorder != nullptr && equal(options.recorder, "1"));
  if (!p.policy.is_recorded) ask_exemptions(p.policy);
  if (p.policy.is_recorded) forbid_populating();
  if ((p.policy.exempt & LDSEAL_CLASS_GUARDS) != 0) forbid_guards();
}

Status decide_policy(Process& p, const Options& options) {
  p.policy.wanted = Policy::kDefault;
  const Module& program = *p.graph.program;
  ImageView image = ImageView::of_memory(program.segments.headers, program.bias);
  if (Status s = apply_note(p.policy, program.segments.headers, image, program.display_name(),
                            permanent_arena);
      !s)
    return s;
  if (options.policy == nullptr) return {};
  return apply_words(p.policy, options.policy, "environment", "LDSEAL", permanent_arena);
}

Status own_program_relro(const Process& p) {
  const Module& program = *p.graph.program;
  return program.is_running_executable ? own_relro(p, program) : Status();
}

Status protect_relro(const Process& p) {
  auto protect = [&](const Module& m) -> Status {
    Status s = change_protection(relro_pages(m.segments, m.bias, p.page), PROT_READ);
    return s ? Status() : Status(in_object(s.error(), m));
  };
  for (const Module* m : p.graph.modules) {
    if (!m->is_ours_to_link()) continue;
    if (Status s = protect(*m); !s) return s;
  }
  bool is_mapped_by_its_loader = p.runtime.family == LibcFamily::kGlibc;
  if (!is_mapped_by_its_loader || !p.policy.seals(SealClass::kRelro)) return {};
  if (Status s = own_relro(p, *p.graph.libc); !s) return s;
  return protect(*p.graph.libc);
}

Status seal_everything(Process& p) {
  if (!is_called_for(p.policy)) return {};
  Plan plan(p.policy, p.page, scratch_arena);
  for (const Module* m : p.graph.modules) plan.add_object(planned(*m));
  return seal(p, plan);
}

Status seal_around_static_program(Process& p) {
  if (!is_called_for(p.policy)) return {};
  Plan plan(p.policy, p.page, scratch_arena);
  plan.add_text(planned(*p.graph.program));
  return seal(p, plan);
}

}  // namespace ldseal
