// What a machine's plt.h reads in a procedure linkage table (PLT), in terms that both machines
// share.
#pragma once

#include <cstdint>

namespace ldseal {

enum class PltEntryKind : uint8_t {
  kNone,  // not an entry, or one of a shape that is not known
  kStub,  // jumps to the address in its slot
  kLazy,  // passes on to the resolver of lazy binding; never runs once all slots are bound
};

struct PltEntry {
  PltEntryKind kind = PltEntryKind::kNone;
  uint32_t length = 0;
  uint64_t slot = 0;  // the address of its slot; kStub only
};

}  // namespace ldseal
