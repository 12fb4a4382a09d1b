// See start_object.h.
#include "tools/sealctl/check/start_object.h"

#include <string_view>
#include <sys/mman.h>

namespace sealctl::check {

bool has_start_object(const Descriptor& file, uint64_t size) {
  using namespace std::string_view_literals;
  if (size == 0) return false;
  void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) return false;
  const std::string_view bytes(static_cast<const char*>(start), size);
  const bool has = bytes.find("GNU_PROPERTY_MEMORY_SEAL\0"sv) != bytes.npos &&
                   bytes.find(".note.ldseal\0"sv) != bytes.npos;
  munmap(start, size);
  return has;
}

}  // namespace sealctl::check
