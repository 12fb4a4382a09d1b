// The rows of a picture of an address space: what each is and which colour it has. picture.h draws
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sealctl/map/describe.h"

namespace sealctl::map {

// What a colour of the picture says.
enum class Shade {
  kSealedCode,
  kSealed,
  kOpenCode,      // executable and not sealed
  kWritableCode,  // writable and executable
  kOpen,          // read-only, of an object or the kernel, and not sealed
  kWritable,
  kOther,  // read-only, of nothing that ld-seal seals
  kGuard,  // no access
  kGap,    // nothing is mapped
  kCount
};

struct ShadeWords {
  std::string_view name;     // in the picture's source, for scripts
  std::string_view colour;   // as HTML has it
  std::string_view meaning;  // in the legend
};
const ShadeWords& words_for(Shade shade);

struct Row {
  uint64_t start = 0;
  uint64_t end = 0;
  Shade shade = Shade::kGap;
  std::string label;   // short
  std::string detail;  // whole
  uint64_t size() const { return end - start; }
};

// In ascending order, gaps between mappings included. If there are thousands of mappings,
// neighbours of a kind are one row.
std::vector<Row> rows_of(const Map& map);

}  // namespace sealctl::map
