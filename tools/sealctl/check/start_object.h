// Does a static program seal itself?
#pragma once

#include <cstdint>

#include "tools/sealctl/files.h"

namespace sealctl::check {

// Has the static program ldseal's start object (crt/)? It is known by the names of the two sources
// of its policy, both of which no other program has.
bool has_start_object(const Descriptor& file, uint64_t size);

}  // namespace sealctl::check
