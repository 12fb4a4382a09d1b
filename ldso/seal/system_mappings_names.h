// The two methods that find mappings by name, and their parts.
#pragma once

#include <optional>
#include <string_view>

#include "ldso/seal/system_mappings.h"

namespace ldseal {

SystemMappings query_system_mappings(Address vdso);
SystemMappings read_system_mappings(Address vdso);

bool is_kernel_data(const SystemMapping& mapping);
bool is_vdso(const SystemMapping& mapping, Address vdso);

// Calls `ask` with an open /proc/self/maps. `ask` is hidden, because ld-seal and crt/ have no GOT.
using MethodOnMaps = SystemMappings (*)(int maps, Address vdso);
SystemMappings with_maps(SystemMappingsMethod method, MethodOnMaps ask, Address vdso);

// Reads a line of /proc/self/maps (proc(5)) without its newline; none if it is not such a line. A
// name that does not fit is not the kernel's; it is left empty.
std::optional<SystemMapping> parse_maps_line(std::string_view line);

// Makes the result of a method that found nothing.
SystemMappings no_system_mappings(SystemMappingsMethod method, SystemMappingsDoubt doubt);
// Adds `mapping` to those found; false if there is no room.
bool append(SystemMappings& found, const SystemMapping& mapping);

}  // namespace ldseal
