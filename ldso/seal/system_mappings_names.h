// The two methods that go by names, and the parts that they are made of.
#pragma once

#include <optional>
#include <string_view>

#include "ldso/seal/system_mappings.h"

namespace ldseal {

SystemMappings query_system_mappings(Address vdso);
SystemMappings read_system_mappings(Address vdso);

bool is_kernel_data(const SystemMapping& mapping);
bool is_vdso(const SystemMapping& mapping, Address vdso);

// What `ask` finds in /proc/self/maps. `ask` is hidden: the loader and crt/ have no GOT.
using MethodOnMaps = SystemMappings (*)(int maps, Address vdso);
SystemMappings with_maps(SystemMappingsMethod method, MethodOnMaps ask, Address vdso);

// A line of /proc/self/maps (proc(5)), without its end; none where it is no such line. A name that
// does not fit is none of the kernel's own: it is left empty.
std::optional<SystemMapping> parse_maps_line(std::string_view line);

// What a method gives that found nothing.
SystemMappings no_system_mappings(SystemMappingsMethod method, SystemMappingsDoubt doubt);
// Puts `mapping` behind those found so far; false where there is no room.
bool append(SystemMappings& found, const SystemMapping& mapping);

}  // namespace ldseal
