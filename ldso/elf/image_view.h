// The contents of an object by the object's own addresses, either mapped or in a plain copy of its
// file.
#pragma once

#include "ldso/base/number.h"
#include "ldso/elf/segments.h"

namespace ldseal {

class ImageView {
 public:
  ImageView() = default;
  // For an object that is mapped at `bias`.
  static ImageView of_memory(ProgramHeaders headers, LoadBias bias) {
    return ImageView(headers, Form::kMemory, bias.value);
  }
  // For an object whose whole file lies in memory at `file`.
  static ImageView of_file(ProgramHeaders headers, Address file) {
    return ImageView(headers, Form::kFile, file.value);
  }

  // Returns the memory of [start, start + length). Null if no readable PT_LOAD holds all of it, or
  // if `start` is not aligned for T.
  template <class T>
  T* at(Vaddr start, ByteCount length) const {
    for (const Phdr& ph : headers_) {
      if (!is_readable(ph) || start.value < ph.p_vaddr) continue;
      uint64_t size = form_ == Form::kMemory ? ph.p_memsz : ph.p_filesz;
      uint64_t into = start.value - ph.p_vaddr;
      if (!range_fits(into, length.value, size)) continue;
      uint64_t from = form_ == Form::kMemory ? ph.p_vaddr : ph.p_offset;
      Address at(base_ + from + into);
      return at.value % alignof(T) == 0 ? at.template as<T>() : nullptr;
    }
    return nullptr;
  }
  // Returns how many bytes can be read from `start` on; 0 outside every readable PT_LOAD.
  ByteCount available(Vaddr start) const {
    for (const Phdr& ph : headers_) {
      if (!is_readable(ph) || start.value < ph.p_vaddr) continue;
      uint64_t size = form_ == Form::kMemory ? ph.p_memsz : ph.p_filesz;
      if (start.value - ph.p_vaddr < size) return ByteCount(size - (start.value - ph.p_vaddr));
    }
    return ByteCount(0);
  }

 private:
  static bool is_readable(const Phdr& ph) {
    return ph.p_type == PT_LOAD && (ph.p_flags & PF_R) != 0;
  }
  enum class Form : uint8_t { kMemory, kFile };
  ImageView(ProgramHeaders headers, Form form, uint64_t base)
      : headers_(headers), form_(form), base_(base) {}

  ProgramHeaders headers_;
  Form form_ = Form::kMemory;
  uint64_t base_ = 0;
};

}  // namespace ldseal
