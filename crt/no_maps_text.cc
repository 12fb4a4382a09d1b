// Leaves out one method of finding the kernel's mappings: reading /proc/self/maps as text. Of the
// kernels that can seal only Linux 6.10 needs it, and its parser would take room in every program.
#include "ldso/seal/system_mappings_names.h"

namespace ldseal {

SystemMappings read_system_mappings(Address) {
  return no_system_mappings(SystemMappingsMethod::kProcMaps, SystemMappingsDoubt::kNoMethod);
}

}  // namespace ldseal
