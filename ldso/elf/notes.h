// Notes of an object in memory (gABI, "Note Section"; the linux-abi extension for PT_GNU_PROPERTY).
#pragma once

#include <string_view>

#include "ldso/base/bytes.h"
#include "ldso/elf/image_view.h"

namespace ldseal {

// The descriptor of the first note of this name and type in any PT_NOTE; a view of size 0 and null
// data where there is none, or where what stands before it is damaged.
ByteView find_note(ProgramHeaders headers, const ImageView& image, std::string_view name,
                   uint32_t type);

// Has the object this property (NT_GNU_PROPERTY_TYPE_0), with no data?
bool has_empty_property(ProgramHeaders headers, const ImageView& image, uint32_t property);

}  // namespace ldseal
