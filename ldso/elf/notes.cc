// Every length is checked against the bytes that remain. A note that does not fit ends the walk.
#include "ldso/elf/notes.h"

namespace ldseal {
namespace {

constexpr uint64_t kPropertyAlignment = 8;

struct Property {
  uint32_t type, size;
};

struct Note {
  std::string_view name;  // without its final NUL
  uint32_t type = 0;
  ByteView descriptor;
};

// Reads the note at `from` and moves `from` behind it. Returns false at the end, or if the note
// does not fit. Descriptors begin and end at multiples of `alignment`.
bool next_note(ByteView notes, uint64_t& from, uint64_t alignment, Note& note) {
  std::optional<Elf64_Nhdr> header = notes.read<Elf64_Nhdr>(FileOffset(from));
  if (!header) return false;
  uint64_t name_start = from + sizeof *header;
  std::optional<ByteView> name = notes.part(FileOffset(name_start), ByteCount(header->n_namesz));
  uint64_t start = round_up(name_start + header->n_namesz, alignment);
  std::optional<ByteView> descriptor = notes.part(FileOffset(start), ByteCount(header->n_descsz));
  if (!name || !descriptor) return false;
  note.name = {reinterpret_cast<const char*>(name->data()), name->size()};
  if (!note.name.empty() && note.name.back() == '\0') note.name.remove_suffix(1);
  note.type = header->n_type;
  note.descriptor = *descriptor;
  from = round_up(start + header->n_descsz, alignment);
  return true;
}

}  // namespace

ByteView find_note(ByteView notes, uint64_t alignment, std::string_view name, uint32_t type) {
  Note note;
  for (uint64_t from = 0; next_note(notes, from, alignment, note);) {
    if (note.type == type && note.name == name) return note.descriptor;
  }
  return {};
}

ByteView find_note(ProgramHeaders headers, const ImageView& image, std::string_view name,
                   uint32_t type) {
  for (const Phdr& ph : headers) {
    if (ph.p_type != PT_NOTE) continue;
    const auto* bytes = image.at<const unsigned char>(Vaddr(ph.p_vaddr), ByteCount(ph.p_filesz));
    if (bytes == nullptr) continue;
    ByteView found = find_note({bytes, ph.p_filesz}, note_alignment(ph.p_align), name, type);
    if (found.data() != nullptr) return found;
  }
  return {};
}

const Phdr* find_feature_segment(ProgramHeaders headers, bool notes_count) {
  const Phdr* found = nullptr;
  for (const Phdr& ph : headers) {
    if (ph.p_type == PT_GNU_PROPERTY) return ph.p_align == kPropertyAlignment ? &ph : nullptr;
    bool counts = notes_count && ph.p_type == PT_NOTE && ph.p_align == kPropertyAlignment;
    if (counts && found == nullptr) found = &ph;
  }
  return found;
}

// Types are in ascending order; glibc, too, reads no further than they are.
uint32_t read_features(ByteView segment, uint32_t property) {
  ByteView all = find_note(segment, kPropertyAlignment, "GNU", NT_GNU_PROPERTY_TYPE_0);
  uint64_t from = 0;
  uint32_t last = 0;
  while (std::optional<Property> p = all.read<Property>(FileOffset(from))) {
    from += sizeof *p;
    if (p->type < last || p->type > property) return 0;
    last = p->type;
    if (p->type == property) {
      std::optional<uint32_t> bits = all.read<uint32_t>(FileOffset(from));
      return p->size == sizeof(uint32_t) ? bits.value_or(0) : 0;
    }
    from = round_up(from + p->size, kPropertyAlignment);
  }
  return 0;
}

// The data of the first such property that lies in the array; null without.
static ByteView find_data(ProgramHeaders headers, const ImageView& image, uint32_t property) {
  ByteView all = find_note(headers, image, "GNU", NT_GNU_PROPERTY_TYPE_0);
  uint64_t from = 0;
  while (std::optional<Property> p = all.read<Property>(FileOffset(from))) {
    from += sizeof *p;
    std::optional<ByteView> data = all.part(FileOffset(from), ByteCount(p->size));
    if (!data) return {};
    if (p->type == property) return *data;
    from = round_up(from + p->size, kPropertyAlignment);
  }
  return {};
}

std::optional<uint32_t> find_property(ProgramHeaders headers, const ImageView& image,
                                      uint32_t property) {
  ByteView data = find_data(headers, image, property);
  return data.size() == sizeof(uint32_t) ? data.read<uint32_t>(FileOffset(0)) : std::nullopt;
}

bool has_empty_property(ProgramHeaders headers, const ImageView& image, uint32_t property) {
  ByteView data = find_data(headers, image, property);
  return data.data() != nullptr && data.size() == 0;
}

}  // namespace ldseal
