// The ioctl PROCMAP_QUERY of /proc/self/maps (Linux 6.11).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sealctl::doctor {

struct QueriedMapping {
  uint64_t start;
  uint64_t end;
  std::string name;
};

// The mapping at `address`, or the next one above it. None: the kernel has no such ioctl.
std::optional<QueriedMapping> query_mapping(uint64_t address);

}  // namespace sealctl::doctor
