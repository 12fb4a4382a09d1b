// Steps of sealing that are the same in the loader and in a program that seals itself (crt/): whose
// word counts, and where the kernel's own mappings are.
#pragma once

#include "ldso/base/result.h"
#include "ldso/elf/segments.h"
#include "ldso/seal/plan.h"

namespace ldseal {

// The built-in policy, the word of the program with these headers, and `variable`, which is LDSEAL or
// null.
Status decide_policy(Policy& policy, ProgramHeaders headers, LoadBias bias, const char* program,
                     const char* variable, Arena& arena);

// What of `classes` a supervisor keeps us from sealing. `recorder` is RUNNING_UNDER_RR or null.
void query_supervisor(Policy& policy, uint32_t classes, const char* recorder);

// Looks for the kernel's own mappings, if they are to be sealed. `vdso` is AT_SYSINFO_EHDR; the plan
// refers to `found`.
Status add_system_mappings(Plan& plan, SystemMappings& found, Address vdso, PageSize page);

}  // namespace ldseal
