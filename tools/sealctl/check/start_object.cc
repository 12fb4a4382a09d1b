// See start_object.h.
#include "tools/sealctl/check/start_object.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace sealctl::check {

// The file is read in parts that overlap, so that a name is whole in one of them.
bool has_start_object(const Descriptor& file, uint64_t size) {
  using namespace std::string_view_literals;
  constexpr std::string_view kProperty = "GNU_PROPERTY_MEMORY_SEAL\0"sv, kNote = ".note.ldseal\0"sv;
  constexpr size_t kPart = size_t{1} << 20, kOverlap = kProperty.size();
  bool has_property = false, has_note = false;
  std::string part;
  for (uint64_t at = 0; at < size && !(has_property && has_note); at += kPart) {
    part.assign(std::min<uint64_t>(size - at, kPart + kOverlap), '\0');
    if (!read_part(file.number(), part.data(), part.size(), at)) return false;
    has_property = has_property || part.find(kProperty) != part.npos;
    has_note = has_note || part.find(kNote) != part.npos;
  }
  return has_property && has_note;
}

}  // namespace sealctl::check
