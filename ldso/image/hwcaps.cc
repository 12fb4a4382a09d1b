// See hwcaps.h.
#include "ldso/image/hwcaps.h"

#include "ldso/base/text.h"

namespace ldseal {

unsigned hwcaps_level(std::string_view name, const char* prefix) {
  if (prefix == nullptr) return 0;
  std::string_view start(prefix);
  if (name.size() != start.size() + 1 || !name.starts_with(start)) return 0;
  char level = name.back();
  return level >= '2' && level <= '9' ? static_cast<unsigned>(level - '0') : 0;
}

bool Hwcaps::allows_level(unsigned level) const {
  if (mask == nullptr) return true;
  std::string_view left = mask, name;
  while (split_next(left, ":", name)) {
    if (hwcaps_level(name, prefix) == level) return true;
  }
  return false;
}

unsigned Hwcaps::worth(std::string_view name) const {
  constexpr unsigned kFirst = 1000000;
  std::string_view left = prepend == nullptr ? "" : prepend, prepended;
  for (unsigned place = 0; split_next(left, ":", prepended); ++place) {
    if (!name.empty() && name == prepended) return kFirst - place;
  }
  unsigned level = hwcaps_level(name, prefix);
  bool counts = level != 0 && allows_level(level) && level <= isa_level();
  return counts ? level : 0;
}

}  // namespace ldseal
