// Finds the kernel's mappings by name with PROCMAP_QUERY, which queries single lines of
// /proc/self/maps.
#include "ldso/seal/system_mappings_names.h"

#include <algorithm>
#include <asm/errno.h>

#include "ldso/base/text.h"

namespace ldseal {
namespace {

using Method = SystemMappingsMethod;
using Doubt = SystemMappingsDoubt;

// Starts at the vDSO and goes down while the mapping below is the kernel's data.
SystemMappings query_in(int maps, Address vdso) {
  SystemMappings found = no_system_mappings(Method::kQuery, Doubt::kNone);
  for (Address at = vdso;;) {
    SystemMapping mapping;
    kernel::Answer answer = kernel::mapping_at(maps, at, mapping);
    if (answer.error_number() == ENOENT || answer.error_number() == ENAMETOOLONG) break;
    if (answer.failed() || !mapping.range.contains(at)) {
      return no_system_mappings(Method::kQuery, Doubt::kNoMethod);
    }
    if (found.count == 0 ? !is_vdso(mapping, vdso) : !is_kernel_data(mapping)) break;
    if (!append(found, mapping)) return no_system_mappings(Method::kQuery, Doubt::kTooLarge);
    at = mapping.range.start - ByteCount(1);
  }
  if (found.count == 0) return no_system_mappings(Method::kQuery, Doubt::kForeign);
  std::reverse(found.list, found.list + found.count);
  return found;
}

}  // namespace

// Not inlined, to keep crt/ small.
[[gnu::noinline]] SystemMappings no_system_mappings(SystemMappingsMethod method,
                                                    SystemMappingsDoubt doubt) {
  SystemMappings none;
  none.method = method;
  none.doubt = doubt;
  return none;
}

[[gnu::noinline]] bool append(SystemMappings& found, const SystemMapping& mapping) {
  if (found.count == SystemMappings::kCapacity) return false;
  found.list[found.count++] = mapping;
  return true;
}

bool is_kernel_data(const SystemMapping& mapping) { return starts_with(mapping.name, "[vvar"); }

bool is_vdso(const SystemMapping& mapping, Address vdso) {
  return equal(mapping.name, "[vdso]") && mapping.range.start == vdso;
}

SystemMappings with_maps(SystemMappingsMethod method, MethodOnMaps ask, Address vdso) {
  kernel::Answer maps = kernel::open_read_only("/proc/self/maps");
  if (maps.failed()) return no_system_mappings(method, Doubt::kNoMethod);
  int file = static_cast<int>(maps.value);
  SystemMappings found = ask(file, vdso);
  kernel::close(file);
  return found;
}

AddressRange find_mapping(Address address) {
  kernel::Answer maps = kernel::open_read_only("/proc/self/maps");
  if (maps.failed()) return {};
  kernel::MappingStatus mapping;
  int file = static_cast<int>(maps.value);
  kernel::Answer answer = kernel::mapping_at(file, address, mapping);
  kernel::close(file);
  bool is_found = !answer.failed() && mapping.range.contains(address);
  return is_found ? mapping.range : AddressRange();
}

SystemMappings query_system_mappings(Address vdso) {
  return with_maps(Method::kQuery, query_in, vdso);
}

}  // namespace ldseal
