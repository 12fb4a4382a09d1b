// Pictures of an address space, which explain themselves: as SVG, and as an HTML page around it.
#pragma once

#include <string>

#include "tools/sealctl/map/describe.h"

namespace sealctl::map {

std::string svg_of(const Map& map);
std::string html_of(const Map& map);

}  // namespace sealctl::map
