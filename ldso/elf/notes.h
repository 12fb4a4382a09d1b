// Notes of an object in memory (gABI "Note Section"; PT_GNU_PROPERTY: Linux gABI extensions).
#pragma once

#include <optional>
#include <string_view>

#include "ldso/base/bytes.h"
#include "ldso/elf/image_view.h"

namespace ldseal {

// Returns the descriptor of the first note with this name and type in any PT_NOTE. Returns an empty
// view with null data if there is none, or if a damaged note comes before it.
ByteView find_note(ProgramHeaders headers, const ImageView& image, std::string_view name,
                   uint32_t type);

// The same for the notes of one segment, whose descriptors begin and end at multiples of
// `alignment`.
ByteView find_note(ByteView notes, uint64_t alignment, std::string_view name, uint32_t type);

// The alignment of the notes in a segment that has this p_align.
constexpr uint64_t note_alignment(uint64_t p_align) { return p_align == 8 ? 8 : 4; }

// Returns the four bytes of this property (NT_GNU_PROPERTY_TYPE_0); none if the object has it not,
// or with another length.
std::optional<uint32_t> find_property(ProgramHeaders headers, const ImageView& image,
                                      uint32_t property);

// Does the object have this property (NT_GNU_PROPERTY_TYPE_0), with empty data?
bool has_empty_property(ProgramHeaders headers, const ImageView& image, uint32_t property);

// The segment that says what an object's code keeps to: PT_GNU_PROPERTY, or if there is none and
// `notes_count` the first PT_NOTE that is aligned as the property is. Null if there is none.
const Phdr* find_feature_segment(ProgramHeaders headers, bool notes_count);

// Reads the bits of this property (…_FEATURE_1_AND) from the bytes of that segment. 0 if it is not
// there, or if something before it is damaged.
uint32_t read_features(ByteView segment, uint32_t property);

}  // namespace ldseal
