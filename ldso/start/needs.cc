// See needs.h. Makes no system call.
#include "ldso/start/needs.h"

#include "ldso/start/program.h"

namespace ldseal {
namespace {

Error reason(Fault f, const Module& module, const char* field, const char* name = nullptr) {
  Error e = fault(f);
  e.object = module.display_name();
  e.field = field;
  e.name = name;
  return e;
}

// DT_AUDIT or DT_DEPAUDIT, by which a program names its auditors; null if it names none.
const char* auditing_entry(const Module& program) {
  for (const Dyn& entry : program.dynamic.entries) {
    if (entry.d_tag == DT_AUDIT) return "DT_AUDIT";
    if (entry.d_tag == DT_DEPAUDIT) return "DT_DEPAUDIT";
  }
  return nullptr;
}

// glibc takes a missing PT_GNU_STACK for one that asks for execution. Without libc no stack is made
// after the first one, which the kernel has made.
Status check_stack(const Module& m, bool has_libc) {
  const Phdr* stack = m.segments.stack;
  bool is_missing = stack == nullptr && has_libc;
  if (!is_missing && !asks_for_executable_stack(m.segments)) return {};
  Error e = reason(Fault::kExecutableStack, m,
                   is_missing ? "a missing PT_GNU_STACK's p_flags" : "PT_GNU_STACK p_flags");
  e.found = is_missing ? PF_R | PF_W | PF_X : stack->p_flags;
  e.wanted = PF_R | PF_W;
  return e;
}

// Does libc's own loader apply them? musl's does only in what it maps itself.
bool may_relocate_text(const Module& m, LibcRules rules) {
  return rules == LibcRules::kGlibc || !m.is_running_executable;
}

}  // namespace

Status check_requests(const Process& p, const Options& options) {
  if (options.action != Action::kRun) return {};
  const Module& program = *p.graph.program;
  LibcRules rules = p.search->rules;
  if (rules == LibcRules::kMusl || is_static(program)) return check_needs(p.graph, rules);
  if (options.audit_option != nullptr)
    return reason(Fault::kIsAudited, program, "--audit", options.audit_option);
  if (options.audit_variable != nullptr)
    return reason(Fault::kIsAudited, program, "LD_AUDIT", options.audit_variable);
  if (const char* entry = auditing_entry(program)) return reason(Fault::kIsAudited, program, entry);
  if (options.profiled != nullptr)
    return reason(Fault::kIsProfiled, program, "LD_PROFILE", options.profiled);
  return check_needs(p.graph, rules);
}

Status check_needs(const Graph& graph, LibcRules rules) {
  bool glibc = rules == LibcRules::kGlibc;
  for (const Module* m : graph.modules) {
    if (!m->is_linked_by_us()) continue;
    if (glibc) {
      if (Status s = check_stack(*m, graph.libc != nullptr); !s) return s;
    }
    if (m->has_flag(DF_TEXTREL) && may_relocate_text(*m, rules))
      return reason(Fault::kHasTextRelocations, *m, "DT_TEXTREL");
  }
  return {};
}

Status check_entry(const Module& program) {
  Vaddr entry = program.entry - program.bias;
  bool is_code = find_load(program.segments.headers, entry, ByteCount(1), PF_X) != nullptr;
  if (program.entry.value != 0 && is_code) return {};
  Error e = fault(Fault::kNotAProgram);
  e.object = program.display_name();
  e.found = program.entry.value == 0 ? 0 : entry.value;
  return e;
}

}  // namespace ldseal
