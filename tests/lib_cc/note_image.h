// Notes in memory, of which a test can change each part, and program headers that point to them.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "ldso/elf/image_view.h"
#include "tests/lib_cc/elf_image.h"

namespace ldseal::testing_tools {

using Bytes = std::vector<unsigned char>;

inline void append(Bytes& to, const void* data, size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  to.insert(to.end(), bytes, bytes + size);
}
inline void pad(Bytes& to, size_t alignment) { to.resize(round_up(to.size(), alignment)); }

// One note as linkers write it: the name with its NUL, name and descriptor padded.
inline Bytes note(const std::string& name, uint32_t type, const Bytes& descriptor,
                  size_t alignment = 4) {
  Elf64_Nhdr header = {static_cast<uint32_t>(name.size() + 1),
                       static_cast<uint32_t>(descriptor.size()), type};
  Bytes bytes;
  append(bytes, &header, sizeof header);
  append(bytes, name.c_str(), name.size() + 1);
  pad(bytes, alignment);
  append(bytes, descriptor.data(), descriptor.size());
  pad(bytes, alignment);
  return bytes;
}
inline Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

// One property of NT_GNU_PROPERTY_TYPE_0.
inline Bytes property(uint32_t type, const Bytes& data = {}) {
  uint32_t head[] = {type, static_cast<uint32_t>(data.size())};
  Bytes bytes;
  append(bytes, head, sizeof head);
  append(bytes, data.data(), data.size());
  pad(bytes, 8);
  return bytes;
}
inline Bytes joined(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part.data(), part.size());
  return all;
}
inline Bytes property_note(const std::vector<Bytes>& properties) {
  return note("GNU", NT_GNU_PROPERTY_TYPE_0, joined(properties), 8);
}

// An object that is nothing but segments of notes, one PT_LOAD and one PT_NOTE for each.
class NoteImage {
 public:
  explicit NoteImage(const Bytes& notes, uint64_t alignment = 4) { add(notes, alignment); }

  // In memory the notes end with the piece of the heap that they are in: reading on is found by
  // AddressSanitizer.
  void add(const Bytes& notes, uint64_t alignment = 4) {
    chunks_.push_back(notes);
    auto at = reinterpret_cast<uintptr_t>(chunks_.back().data());
    for (uint32_t type : {PT_LOAD, PT_NOTE}) {
      headers.push_back({type, PF_R, 0, at, at, notes.size(), notes.size(), alignment});
    }
  }
  ProgramHeaders table() const { return {headers.data(), headers.size()}; }
  ImageView view() const { return ImageView::of_memory(table(), LoadBias(0)); }

  std::vector<Phdr> headers;  // PT_LOAD, PT_NOTE, PT_LOAD, …

 private:
  std::vector<Bytes> chunks_;
};

}  // namespace ldseal::testing_tools
