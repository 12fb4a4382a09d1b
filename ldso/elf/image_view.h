// The contents of an object by the object's own addresses, either mapped or in a plain copy of its
// file.
#pragma once

#include "ldso/base/number.h"
#include "ldso/elf/segments.h"

namespace ldseal {

class ImageView {
  struct Run {
    Address start;  // 0: no readable PT_LOAD holds the first byte
    uint64_t length = 0;
  };

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

  // Where [start, start + length) can be read. It may lie over several readable PT_LOADs that
  // follow on one another without a gap, as patchelf(1) leaves them. Null where not all of it is in
  // such PT_LOADs, and where no T can begin there.
  template <class T>
  T* at(Vaddr start, ByteCount length) const {
    Run run = run_from(start);
    if (run.start.value == 0 || run.length < length.value) return nullptr;
    return run.start.value % alignof(T) == 0 ? run.start.template as<T>() : nullptr;
  }
  // Returns how many bytes can be read from `start` on; 0 outside every readable PT_LOAD.
  ByteCount available(Vaddr start) const { return ByteCount(run_from(start).length); }

  // What can be read from one address on, found once. It is for a chain whose entries follow on one
  // another at rising addresses.
  class Chain {
   public:
    // The entry at `start`. Null where at() would be null, and below the start of the chain.
    template <class T>
    const T* at(Vaddr start) const {
      uint64_t into = start.value - from_.value;
      if (!range_fits(into, sizeof(T), run_.length)) return nullptr;
      uintptr_t address = run_.start.value + into;
      return address % alignof(T) == 0 ? Address(address).as<const T>() : nullptr;
    }

   private:
    friend class ImageView;
    Chain(const ImageView& image, Vaddr from) : from_(from), run_(image.run_from(from)) {}

    Vaddr from_;
    Run run_;
  };
  Chain chain_from(Vaddr start) const { return Chain(*this, start); }

 private:
  static bool is_readable(const Phdr& ph) {
    return ph.p_type == PT_LOAD && (ph.p_flags & PF_R) != 0;
  }
  enum class Form : uint8_t { kMemory, kFile };

  uint64_t size_of(const Phdr& ph) const {
    return form_ == Form::kMemory ? ph.p_memsz : ph.p_filesz;
  }
  // Does `next` continue what can be read of `ph`? In a copy of the file the bytes must join as
  // well.
  bool joins(const Phdr& ph, const Phdr& next) const {
    bool in_memory = is_readable(next) && next.p_vaddr - ph.p_vaddr == ph.p_memsz;
    if (form_ == Form::kMemory || !in_memory) return in_memory;
    return ph.p_filesz == ph.p_memsz && next.p_offset - ph.p_offset == ph.p_filesz;
  }
  bool holds(const Phdr& ph, Vaddr start) const {
    return is_readable(ph) && start.value >= ph.p_vaddr && start.value - ph.p_vaddr < size_of(ph);
  }
  // PT_LOADs are in ascending order (segments.h).
  Run run_from(Vaddr start) const {
    const Phdr* end = headers_.data() + headers_.size();
    const Phdr* ph = headers_.data();
    while (ph != end && !holds(*ph, start)) ++ph;
    if (ph == end) return {};
    uint64_t into = start.value - ph->p_vaddr;
    uint64_t from = form_ == Form::kMemory ? ph->p_vaddr : ph->p_offset;
    Run run = {Address(base_ + from + into), size_of(*ph) - into};
    const Phdr* next = nullptr;
    while ((next = next_load(headers_, ph)) != nullptr && joins(*ph, *next)) {
      run.length += size_of(*next);
      ph = next;
    }
    return run;
  }
  ImageView(ProgramHeaders headers, Form form, uint64_t base)
      : headers_(headers), form_(form), base_(base) {}

  ProgramHeaders headers_;
  Form form_ = Form::kMemory;
  uint64_t base_ = 0;
};

}  // namespace ldseal
