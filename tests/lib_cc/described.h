// An object that the writer made, placed in memory and described by the loader's own readers.
#pragma once

#include <stdexcept>

#include "ldso/image/module.h"
#include "tests/lib_cc/elf_writer.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/heap_arena.h"

namespace ldseal::testing_tools {

// The program headers of an image, wherever its bytes are.
inline ProgramHeaders headers_of(const unsigned char* start) {
  const auto* header = reinterpret_cast<const Ehdr*>(start);
  return {reinterpret_cast<const Phdr*>(start + header->e_phoff), header->e_phnum};
}

class Described {
 public:
  explicit Described(ElfImage image) : image_(std::move(image)), memory_(image_.in_memory()) {
    describe();
  }
  explicit Described(const ObjectSpec& spec) : Described(write_elf(spec)) {}
  Described(const Described&) = delete;
  Described& operator=(const Described&) = delete;

  Module& module() { return module_; }
  const SymbolTable& symbols() const { return module_.symbols(); }
  ElfImage& image() { return image_; }
  uint64_t base() const { return reinterpret_cast<uintptr_t>(memory_.data()); }
  uint64_t word(uint64_t i) const {
    uint64_t value;
    std::memcpy(&value, memory_.data() + image_.word_address(i), sizeof value);
    return value;
  }

 private:
  void describe() {
    ProgramHeaders headers = headers_of(memory_.data());
    auto segments =
        inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), PageSize{kPage});
    if (!segments) throw_error(segments.error());
    module_.path = module_.file_path = "described.so";
    module_.segments = *segments;
    module_.bias = LoadBias(base());
    module_.span = {module_.segments.start + module_.bias, module_.segments.end + module_.bias};
    Status s = describe_tables(module_, ImageView::of_memory(headers, module_.bias), arena_);
    if (!s) throw_error(s.error());
  }
  [[noreturn]] static void throw_error(const Error& e) {
    std::ostringstream text;
    PrintTo(e, &text);
    throw std::runtime_error(text.str());
  }

  HeapArena arena_;
  ElfImage image_;
  std::vector<unsigned char> memory_;
  Module module_;
};

inline SymbolQuery wanted(const char* name, const Version* version = nullptr) {
  return {name, gnu_hash(name), version, nullptr};
}
inline Version version_named(const char* name) {
  return {name, nullptr, sysv_hash(name), false, false};
}

}  // namespace ldseal::testing_tools
