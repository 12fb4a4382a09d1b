// Shows the map of a process.
#pragma once

#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/output.h"

namespace sealctl::map {

struct Totals {
  size_t mappings = 0;
  size_t sealed = 0;
  ps::Share executable;  // bytes
  ps::Share read_only;   // bytes that are readable and neither writable nor executable
  uint64_t writable_and_executable = 0;
};
Totals total(const Map& map);

// A line for each mapping, and for each guard in writable memory, then a line with totals.
void show_table(const Map& map, const Painter& painter);

// The same as one JSON object.
void show_json(const Map& map);

}  // namespace sealctl::map
