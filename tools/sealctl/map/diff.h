// What is different in two maps.
#pragma once

#include <string_view>
#include <vector>

#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/output.h"

namespace sealctl::map {

// A mapping that is different, in one map or in both. The lines are those of the maps.
struct Change {
  const Line* before = nullptr;         // null: it is new
  const Line* after = nullptr;          // null: it is gone
  std::vector<std::string_view> words;  // "new", "gone", "seal-lost", "seal-gained", ...
};

struct Difference {
  // The maps are of one process, and mappings are compared by their addresses. Else those of
  // objects and of the kernel are compared by what they are; heap, stacks and other memory differ
  // between any two processes and are left out.
  bool is_by_place = false;
  std::vector<Change> changes;

  size_t count(std::string_view word) const;
};

// The maps must outlive the result.
Difference compare(const Map& before, const Map& after);

void show_table(const Difference& difference, const Painter& painter);
void show_json(const Difference& difference, const Map& before, const Map& after);

}  // namespace sealctl::map
