// See isa_level.h.
#include "ldso/image/isa_level.h"

#include <bit>

#include "arch/native.h"
#include "ldso/elf/notes.h"

namespace ldseal {

unsigned level_needed(uint32_t bits) { return static_cast<unsigned>(std::bit_width(bits)); }

unsigned level_needed_by(const Module& m) {
  if (Native::kIsaProperty == 0) return 0;
  ProgramHeaders headers = m.segments.headers;
  ImageView image = ImageView::of_memory(headers, m.bias);
  std::optional<uint32_t> bits = find_property(headers, image, Native::kIsaProperty);
  return bits ? level_needed(*bits) : 0;
}

// Nearly no object has the property, so the processor is rarely asked: CPUID may be slow.
Status check_isa_level(const Module& m) {
  unsigned needed = level_needed_by(m);
  if (needed <= 1 || needed <= isa_level()) return {};
  Error e = fault(Fault::kIsaLevelTooLow);
  e.object = m.display_name();
  e.found = isa_level();
  e.wanted = needed;
  return e;
}

}  // namespace ldseal
