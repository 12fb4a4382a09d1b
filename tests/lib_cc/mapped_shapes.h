// Objects in the shapes that are mapped in different ways, and one of them mapped.
#pragma once

#include <stdexcept>

#include "ldso/image/map_file.h"
#include "ldso/image/relro.h"
#include "tests/lib_cc/loading.h"

namespace ldseal::testing_tools {

inline constexpr const char* kMappedPath = "/lib/libit.so";

struct Shape {
  const char* name;
  std::vector<unsigned char> (*file)();
};

// Two segments; `pages` of data, none of it zero, which the file has to its last byte.
inline ObjectSpec mapped_object(uint64_t pages = 1) {
  ObjectSpec spec;
  spec.machine = Native::kMachine;
  spec.soname = "libit.so";
  spec.symbols = {{.name = "it"}};
  spec.zeroed_bytes = 3 * kPage;
  spec.data_words = pages * kPage / 8 - 64;
  return spec;
}
inline ElfImage filled(const ObjectSpec& spec) {
  ElfImage image = write_elf(spec);
  for (uint64_t i = 0; i < spec.data_words; ++i) {
    image.at<uint64_t>(image.word_address(i)) = (i + 1) * 0x9e3779b97f4a7c15;
  }
  return image;
}

inline void set_relro(ElfImage& image, uint64_t start, uint64_t end) {
  Phdr& relro = image.segment(PT_GNU_RELRO);
  relro.p_vaddr = start;
  relro.p_memsz = end - start;
}
// A third segment, of data, so many bytes behind the end of the second one's memory.
inline void add_third(ElfImage& image, uint64_t address, uint64_t offset) {
  constexpr uint64_t kSize = kPage + 100;
  image.bytes.resize(offset);
  image.bytes.resize(offset + kSize, 0x33);
  image.segment(PT_GNU_STACK) = {PT_LOAD, PF_R | PF_W, offset, address,
                                 address, kSize,       kSize,  kPage};
}

inline std::vector<unsigned char> plain() { return filled(mapped_object()).bytes; }
// The second segment is not where one mapping of the file would put it.
inline std::vector<unsigned char> shifted() {
  ObjectSpec spec = mapped_object();
  spec.data_distance = 0x20000;
  return filled(spec).bytes;
}
inline std::vector<unsigned char> largely_aligned() {
  ElfImage image = filled(mapped_object());
  image.text().p_align = 0x200000;
  return image.bytes;
}
inline std::vector<unsigned char> largely_aligned_and_shifted() {
  ObjectSpec spec = mapped_object();
  spec.data_distance = 0x20000;
  ElfImage image = filled(spec);
  image.text().p_align = 0x200000;
  return image.bytes;
}
// The rest of the page is cleared though it cannot be written.
inline std::vector<unsigned char> read_only_zeroes() {
  ElfImage image = filled(mapped_object());
  image.data().p_flags = PF_R;
  return image.bytes;
}
// The same with other bytes in the file where zeroes belong.
inline std::vector<unsigned char> with_zeroes_over_the_file(uint32_t flags) {
  ElfImage image = filled(mapped_object());
  image.text().p_flags = PF_R;
  image.data().p_flags = flags;
  image.bytes.resize(image.bytes.size() + kPage, 0xcc);
  return image.bytes;
}
inline std::vector<unsigned char> constants_with_zeroes() {
  return with_zeroes_over_the_file(PF_R);
}
inline std::vector<unsigned char> code_with_zeroes() {
  return with_zeroes_over_the_file(PF_R | PF_X);
}
// Code behind constants, as linkers place it today.
inline std::vector<unsigned char> code_behind_constants() {
  ElfImage image = filled(mapped_object());
  image.text().p_flags = PF_R;
  image.data().p_flags = PF_R | PF_X;
  return image.bytes;
}
// The hole is one in the file, too.
inline std::vector<unsigned char> apart_in_file() {
  constexpr uint64_t kHole = 0x8000;
  ObjectSpec spec = mapped_object();
  spec.data_distance = kHole;
  ElfImage image = filled(spec);
  for (uint32_t type : {PT_DYNAMIC, PT_GNU_RELRO}) image.segment(type).p_offset += kHole;
  uint64_t data_start = image.data().p_offset;
  image.data().p_offset += kHole;
  image.bytes.insert(image.bytes.begin() + static_cast<ptrdiff_t>(data_start), kHole, 0xcc);
  return image.bytes;
}
inline std::vector<unsigned char> with_relro() {
  ElfImage image = filled(mapped_object(6));
  set_relro(image, image.places.data_start, image.places.data_start + 2 * kPage);
  return image.bytes;
}
// So much that most of it is left to the file.
inline std::vector<unsigned char> with_much_data() {
  ElfImage image = filled(mapped_object(40));
  set_relro(image, image.places.data_start, image.places.data_start + 3 * kPage);
  return image.bytes;
}
inline std::vector<unsigned char> with_much_data_alone() {
  ElfImage image = filled(mapped_object(40));
  set_relro(image, image.places.data_start, image.places.data_start);
  return image.bytes;
}
inline std::vector<unsigned char> with_relro_within_much_data() {
  ElfImage image = filled(mapped_object(40));
  set_relro(image, image.places.data_start + 5 * kPage, image.places.data_start + 7 * kPage);
  return image.bytes;
}
// All of the second segment, zeroes and all, is RELRO, and a hole follows.
inline std::vector<unsigned char> all_relro() {
  ElfImage image = filled(mapped_object(20));
  uint64_t end = kPages.up(image.places.memory_end);
  set_relro(image, image.places.data_start, end);
  add_third(image, end + 5 * kPage, round_up(image.bytes.size(), kPage));
  return image.bytes;
}
// The second segment's last page is the third one's first.
inline std::vector<unsigned char> with_a_shared_page() {
  ElfImage image = filled(mapped_object(2));
  image.data().p_memsz = image.data().p_filesz;
  add_third(image, image.data().p_vaddr + image.data().p_filesz, image.bytes.size());
  return image.bytes;
}
// The same, the second segment with the rights of code, the first and the third with those of
// constants.
inline std::vector<unsigned char> with_code_in_a_shared_page() {
  ElfImage image = filled(mapped_object(2));
  image.text().p_flags = PF_R;
  image.data().p_flags = PF_R | PF_X;
  image.data().p_memsz = image.data().p_filesz;
  add_third(image, image.data().p_vaddr + image.data().p_filesz, image.bytes.size());
  image.segment(PT_LOAD, 2).p_flags = PF_R;
  return image.bytes;
}
// The shared page is of the third segment, which alone is where one mapping of the file would put
// it.
inline std::vector<unsigned char> shifted_in_a_shared_page() {
  ObjectSpec spec = mapped_object(2);
  spec.data_distance = 0x20000;
  ElfImage image = filled(spec);
  image.text().p_flags = PF_R;
  image.data().p_flags = PF_R;
  image.data().p_memsz = image.data().p_filesz;
  uint64_t end = image.data().p_vaddr + image.data().p_filesz;
  add_third(image, end, end);
  image.segment(PT_LOAD, 2).p_flags = PF_R;
  return image.bytes;
}

inline const Shape kShapes[] = {
    {"Plain", plain},
    {"Shifted", shifted},
    {"LargelyAligned", largely_aligned},
    {"LargelyAlignedAndShifted", largely_aligned_and_shifted},
    {"ReadOnlyZeroes", read_only_zeroes},
    {"ConstantsWithZeroes", constants_with_zeroes},
    {"CodeWithZeroes", code_with_zeroes},
    {"CodeBehindConstants", code_behind_constants},
    {"ApartInTheFileToo", apart_in_file},
    {"WithRelro", with_relro},
    {"WithMuchData", with_much_data},
    {"WithMuchDataAlone", with_much_data_alone},
    {"WithRelroWithinMuchData", with_relro_within_much_data},
    {"AllRelro", all_relro},
    {"WithASharedPage", with_a_shared_page},
    {"WithCodeInASharedPage", with_code_in_a_shared_page},
    {"ShiftedInASharedPage", shifted_in_a_shared_page},
};

inline Module named_module() {
  Module module;
  module.path = module.file_path = kMappedPath;
  return module;
}

// Maps a file that a kernel is given for it; `before` may change what that kernel does from then
// on.
class MappedObject {
 public:
  using Before = std::function<void(ScriptedKernel&)>;
  explicit MappedObject(std::vector<unsigned char> bytes, const Before& before = nullptr)
      : file(std::move(bytes)) {
    kernel.add_file(kMappedPath, file);
    map(module, before);
  }
  // The same file once more.
  void map(Module& into, const Before& before = nullptr) {
    auto object = ElfFile::open(kMappedPath, kPages, arena);
    if (!object) throw std::runtime_error(sentence(object.error()));
    if (before) before(kernel);
    error = outcome(map_object(into, *object, kPages, arena));
  }
  std::vector<Phdr> loads() const {
    std::vector<Phdr> all;
    const Phdr* ph = nullptr;
    while ((ph = next_load(module.segments.headers, ph)) != nullptr) all.push_back(*ph);
    return all;
  }
  Address at(uint64_t vaddr) const { return Vaddr(vaddr) + module.bias; }
  AddressRange pages(const Phdr& load) const {
    return {at(kPages.down(load.p_vaddr)), at(kPages.up(load.p_vaddr + load.p_memsz))};
  }
  AddressRange relro() const { return relro_pages(module.segments, module.bias, kPages); }

  ScriptedKernel kernel;
  HeapArena arena;
  Module module = named_module();
  std::vector<unsigned char> file;
  Error error;
};

// Each page of a range.
template <class Visit>
void for_each_page(AddressRange range, const Visit& visit) {
  for (Address at = range.start; at < range.end; at = at + ByteCount(kPage)) visit(at);
}

}  // namespace ldseal::testing_tools
