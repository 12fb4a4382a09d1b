// Shows the map of a process.
#pragma once

#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/output.h"

namespace sealctl::map {

// A line for each mapping, and for each guard, then a line with totals.
void show_table(const Map& map, const Painter& painter);

// The same as one JSON object.
void show_json(const Map& map);

// The words for what a mapping is, as in "/bin/true text".
std::string what(const Line& line);

// The share that is sealed; all of nothing.
double percent(const ps::Share& share);

// The line with the totals, without a full stop.
std::string text_of(const Totals& totals);

}  // namespace sealctl::map
