// See sealing.h. The final variables and the used part of the permanent arena, with every module's
// description, the search order, the link_map list and the stand-in, become read-only and are
// sealed. Records (mem/records.h) become read-only: dlopen changes them. What stays writable, and
// why it steers nothing, is in the README of this folder's parent. Sealed memory that was never
// touched could be filled through userfaultfd(2), so the unused end of the arena and the old stack
// are left out.
#include "ldso/start/sealing.h"

#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/dl/libc_opens.h"
#include "ldso/image/map_file.h"
#include "ldso/image/relro.h"
#include "ldso/mem/arenas.h"
#include "ldso/mem/guards.h"
#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/seal/decide.h"
#include "ldso/seal/execute.h"
#include "ldso/seal/filter.h"
#include "ldso/seal/final_code.h"
#include "ldso/seal/planned_module.h"
#include "ldso/seal/plt.h"
#include "ldso/threads/stack_guards.h"

namespace ldseal {
namespace {

// valgrind replaces malloc only in objects that are mapped as libc's rtld maps them. It refuses
// system calls that it does not know, mseal among them, with a warning. So under valgrind
// everything is exempt.
bool detect_valgrind(Policy& policy) {
  constexpr uint64_t kIsThereValgrind = 0x1001;  // RUNNING_ON_VALGRIND
  policy.is_simulated = ask_valgrind(kIsThereValgrind) != 0;
  if (policy.is_simulated) policy.exempt = LDSEAL_CLASS_ALL;
  return policy.is_simulated;
}

Status protect_relro_of(const Process& p, const Module& m) {
  return protect_relro(relro_and_hole(m.segments, m.bias, m.holes_are_guarded, p.page),
                       m.display_name());
}

Status make_relro_anonymous_of(const Process& p, const Module& m) {
  alignas(16) unsigned char buffer[size_t{16} << 10];
  return make_relro_anonymous(m.segments, m.bias, m.display_name(), p.page, buffer);
}

constexpr size_t kOwnSegmentsAndSystem = 9;

// The plan of a small program is made on the stack, whose pages exist already.
constexpr size_t kRangesOfAnObject = 8;
constexpr size_t kUsualRanges = 4 * kRangesOfAnObject + kOwnSegmentsAndSystem;

void* more_for_plan(Arena&, size_t least, size_t& given) {
  given = least;
  return scratch_arena.allocate(least, alignof(PlannedRange));
}

// Completes `plan`, which has the ranges of the objects, with the system's mappings and ld-seal's
// own memory, and executes it.
Status seal(Process& p, Plan& plan) {
  Address vdso(p.stack.value(AT_SYSINFO_EHDR));
  SystemMappings system;
  if (Status s = add_system_mappings(plan, system, vdso, p.page); !s) return s;
  // What is added below, and is sealed: the loader's segments, and its memory that does not change.
  size_t ours_at_most = p.self->segments.headers.size() + most_permanent_ranges();
  p.sealed.reserve(record_arena, plan.ranges().size() + ours_at_most);
  List<AddressRange> ours;
  if (p.policy.seals(SealClass::kLoader)) ours = close_our_memory();
  AddressRange records = ours.empty() ? AddressRange() : records_in_image();
  plan.add_loader(planned(*p.self), records, {ours.begin(), ours.size()});
  int protection = ours.empty() ? PROT_READ | PROT_WRITE : PROT_READ;
  for (AddressRange pages : record_pages_elsewhere(scratch_arena))
    plan.add_changing(pages, protection, p.self->display_name());
  if (p.policy.seals(SealClass::kStack)) plan.add_stack(find_mapping(Address(p.stack.start)));
  plan.sort();
  list_runs(plan, p.sealed, record_arena);
  close_arenas();
  if (!ours.empty()) {
    keep_records_read_only();
    ours[0].start = records.start;  // they end where the first of ours begins
  }
  for (AddressRange pages : ours) {
    if (Status s = change_protection(pages, PROT_READ); !s) return s;
  }
  return execute(plan);
}

}  // namespace

// Where neither seals nor guards are wanted there is nothing to exempt. The questions are left out
// then, so that a program can start under a seccomp filter that kills even for prctl(2).
static bool has_nothing_to_exempt(const Options& options) {
  if (options.policy == nullptr || options.guards == nullptr) return false;
  return equal(options.policy, "off") &&
         (equal(options.guards, "prot") || equal(options.guards, "off"));
}

void query_supervisor(Process& p, const Options& options) {
  bool asks = !has_nothing_to_exempt(options);
  if (detect_valgrind(p.policy)) map_as_libc_does();
  query_supervisor(p.policy, asks ? LDSEAL_CLASS_ALL : 0, options.recorder);
  if (asks) query_filter(p.policy);
  bool is_short = !asks || p.policy.filter == SealFilter::kKillsForMore;
  if (is_short) {
    map_as_libc_does();
  } else {
    populate_small_ranges(p.page);
    populate_first_memory();
  }
  if (is_short || (p.policy.exempt & LDSEAL_CLASS_GUARDS) != 0) forbid_guards();
}

Status decide_policy(Process& p, const Options& options) {
  const Module& program = *p.graph.program;
  const char* name = program.display_name();
  Status decided = decide_policy(p.policy, program.segments.headers, program.bias, name,
                                 options.policy, permanent_arena);
  return decided ? check_filter(p.policy, name) : decided;
}

Result<PolicyDecided> decide_policy(Mapped&& mapped, const Options& options) {
  Process& p = mapped.process();
  if (Status s = decide_policy(p, options); !s) return s.error();
  if (Status s = choose_stack_guards(options.guards); !s) return s.error();
  return PolicyDecided(p);
}

Result<RelroAnonymous> make_relro_anonymous(VersionsFound&& checked) {
  Process& p = checked.process();
  if (!p.policy.seals(SealClass::kRelro)) return RelroAnonymous(p);
  const Module& program = *p.graph.program;
  if (program.is_running_executable) {
    if (Status s = make_relro_anonymous_of(p, program); !s) return s.error();
  }
  if (p.runtime.family != LibcFamily::kGlibc) return RelroAnonymous(p);
  const Module& libc = *p.graph.libc;
  if (Status s = make_relro_anonymous_of(p, libc); !s) return s.error();
  if (Status s = protect_relro_of(p, libc); !s) return s.error();
  return RelroAnonymous(p);
}

Result<Protected> protect_relro(ConstructorsChecked&& checked) {
  Process& p = checked.process();
  lead_libc_to_us(p);
  for (const Module* m : p.graph.modules) {
    if (!m->is_linked_by_us()) continue;
    if (Status s = protect_relro_of(p, *m); !s) return s.error();
  }
  return Protected(p);
}

Result<CallsFinal> make_calls_final(Protected&& ready) {
  Process& p = ready.process();
  if (p.policy.is_simulated || !p.policy.seals(SealClass::kPlt)) return CallsFinal(p);
  List<PltChange> changes;
  plan_plt(changes, {p.graph.modules.begin(), p.graph.modules.size()}, p.page, scratch_arena);
  if (Status s = execute_plt({changes.begin(), changes.size()}, own_stack(), p.page); !s)
    return s.error();
  return CallsFinal(p);
}

Result<Sealed> seal_everything(CallsFinal&& ready) {
  Process& p = ready.process();
  if (!needs_plan(p.policy)) return Sealed(p);
  alignas(PlannedRange) unsigned char first[kUsualRanges * sizeof(PlannedRange)];
  Arena arena(first, more_for_plan);
  Plan plan(p.policy, p.page, arena,
            p.graph.modules.size() * kRangesOfAnObject + kOwnSegmentsAndSystem);
  for (const Module* m : p.graph.modules) plan.add_object(planned(*m));
  if (Status s = seal(p, plan); !s) return s.error();
  if (Status s = make_code_final(p.policy); !s) return s.error();
  return Sealed(p);
}

// valgrind takes a stack that was left for free memory, and writing to it for an error.
void release_start_up_memory(const Sealed& sealed) {
  release_scratch_arena();
  const Policy& policy = sealed.process().policy;
  if (policy.seals_anything() && !policy.is_simulated) release_loader_stack();
}

Result<Sealed> seal_around_static_program(PolicyDecided&& decided) {
  Process& p = decided.process();
  if (!needs_plan(p.policy)) return Sealed(p);
  Plan plan(p.policy, p.page, scratch_arena);
  plan.add_text(planned(*p.graph.program));
  if (Status s = seal(p, plan); !s) return s.error();
  return Sealed(p);
}

Status seal_system_mappings(Process& p) {
  if (!needs_plan(p.policy)) return {};
  Plan plan(p.policy, p.page, scratch_arena);
  SystemMappings system;
  Address vdso(p.stack.value(AT_SYSINFO_EHDR));
  if (Status s = add_system_mappings(plan, system, vdso, p.page); !s) return s;
  plan.sort();
  return execute(plan);
}

}  // namespace ldseal
