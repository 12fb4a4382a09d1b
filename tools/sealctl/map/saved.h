// Maps that `sealctl map --json` has written.
#pragma once

#include <string>

#include "tools/sealctl/map/describe.h"

namespace sealctl::map {

// Throws a Failure if the file cannot be read, or is no such map.
Map read_saved(const std::string& path);

}  // namespace sealctl::map
