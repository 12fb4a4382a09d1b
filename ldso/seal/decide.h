// The decisions before sealing, for ld-seal and for programs that seal themselves (crt/): which
// policy applies, and where the kernel's own mappings are.
#pragma once

#include "ldso/base/result.h"
#include "ldso/elf/segments.h"
#include "ldso/seal/plan.h"

namespace ldseal {

// Computes the policy: the built-in one, then the program's note, then `variable` (LDSEAL, or
// null). Errors: kUnknownSealWord, kUnknownSealClass.
Status decide_policy(Policy& policy, ProgramHeaders headers, LoadBias bias, const char* program,
                     const char* variable, Arena& arena);

// Asks which of `classes` a supervisor exempts. `recorder` is the value of RUNNING_UNDER_RR, or
// null.
void query_supervisor(Policy& policy, uint32_t classes, const char* recorder);

// Adds the kernel's own mappings to the plan if the policy seals them. `vdso` is AT_SYSINFO_EHDR.
// The plan refers to `found`. Error, only under `require`: kSystemMappingsUnknown.
Status add_system_mappings(Plan& plan, SystemMappings& found, Address vdso, PageSize page);

}  // namespace ldseal
