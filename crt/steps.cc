// See steps.h. Variables here stay writable; nothing sealed depends on them.
#include "crt/steps.h"

#include <ldseal/reseal.h>
#include <linux/mman.h>

#include "crt/trace.h"
#include "ldso/image/relro.h"
#include "ldso/mem/mapping.h"
#include "ldso/seal/decide.h"
#include "ldso/seal/execute.h"
#include "ldso/seal/filter.h"
#include "ldso/seal/final_code.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/report.h"

namespace ldseal {
namespace {

// There is no loader and no dlopen, and libc makes the guards.
constexpr uint32_t kClassesHere = LDSEAL_CLASS_TEXT | LDSEAL_CLASS_RELRO | LDSEAL_CLASS_SYSTEM |
                                  LDSEAL_CLASS_DATA | LDSEAL_CLASS_WX | LDSEAL_CLASS_STACK;

constexpr size_t kUsualRanges = 24;

constexpr bool kHolesAreGuarded =
    false;  // the kernel has mapped the program and leaves holes unmapped

// Most programs need no more memory than their arenas begin with.
void* more_pages(Arena&, size_t least, size_t& given) {
  Result<Mapping> pages = Mapping::anonymous(ByteCount(least));
  if (!pages) die_out_of_memory();
  given = least;
  return std::move(*pages).keep_forever().start.as<void>();
}

// The sealed ranges, for ldseal_reseal.
alignas(SealedRun) constinit unsigned char kept[kUsualRanges * sizeof(SealedRun)] = {};
constinit List<SealedRun> sealed;

Status make_relro_anonymous(const StaticProgram& program) {
  if (!program.policy.seals(SealClass::kRelro)) return {};
  alignas(16) unsigned char
      buffer[size_t{4} << 10];  // on the stack: the program will use that memory, too
  return make_relro_anonymous(program.segments, program.bias, program.name, program.page, buffer);
}

Status execute_plan(const StaticProgram& program) {
  if (!needs_plan(program.policy)) return {};
  alignas(PlannedRange) unsigned char piece[kUsualRanges * sizeof(PlannedRange)];
  Arena arena(piece, more_pages), staying(kept, more_pages);
  Plan plan(program.policy, program.page, arena, kUsualRanges);
  plan.add_object({program.segments, program.bias, program.name, kHolesAreGuarded});
  Address vdso(program.stack.value(AT_SYSINFO_EHDR));
  SystemMappings system;
  if (Status s = add_system_mappings(plan, system, vdso, program.page); !s) return s;
  if (program.policy.seals(SealClass::kStack))
    plan.add_stack(find_mapping(Address(program.stack.start)));
  plan.sort();
  sealed.reserve(staying, plan.ranges().size());
  list_runs(plan, sealed, staying);
  return execute(plan);
}

}  // namespace

void prepare(StaticProgram& program) {
  const StaticOptions& options = program.options;
  add_seal_trace(options.debug);
  add_seal_trace(options.own_debug);
  must(start_seal_trace(options.debug_output));

  Policy& policy = program.policy;
  unsigned char words[512];
  Arena arena(words, more_pages);
  must(decide_policy(policy, program.segments.headers, program.bias, program.name, options.policy,
                     arena));
  query_supervisor(policy, policy.wanted & ~policy.final_classes & kClassesHere, options.recorder);
  query_filter(policy);
  must(check_filter(policy, program.name));
  must(make_relro_anonymous(program));
}

void seal(const StaticProgram& program) {
  must(protect_relro(relro_pages(program.segments, program.bias, program.page), program.name));
  must(execute_plan(program));
  must(make_code_final(program.policy));
}

}  // namespace ldseal

int ldseal_reseal() { return ldseal::seal_again(ldseal::sealed); }
