// A copy of the parts of an object's file that are looked at: what else it has are zeroes. The file is never mapped (files.h).
#pragma once

#include "ldso/image/elf_file.h"
#include "ldso/image/module.h"

namespace sealctl::check {

class ObjectCopy {
 public:
  ObjectCopy(const ldseal::ElfFile& file, ldseal::PageSize page) : file_(file), page_(page) {}

  // Reserves zeroed memory for all segments, and copies the headers' tables, the dynamic section
  // and what it points to, and short segments wholly. Errors: kCannotMap, kCannotRead. After an
  // error nothing is reserved.
  ldseal::Status make();
  // Copies the parts of the code where link/plt.h looks for PLT stubs: the beginnings and ends of
  // segments, and what follows the relocations. `object` is the module that is described by this.
  ldseal::Status add_stubs(const ldseal::Module& object);
  // From here on the memory is read-only, and stays.
  ldseal::Status finish();
  void discard();

  ldseal::AddressRange range() const { return range_; }
  uint64_t bytes() const { return bytes_; }  // that were copied

 private:
  ldseal::Status copy_parts();
  ldseal::Status copy_tables();
  ldseal::Status copy(uint64_t start, uint64_t end);
  ldseal::Status copy_of_segment(const ldseal::Phdr& load, uint64_t start, uint64_t end);

  const ldseal::ElfFile& file_;
  ldseal::PageSize page_;
  ldseal::AddressRange range_;
  ldseal::LoadBias bias_;
  uint64_t bytes_ = 0;
};

}  // namespace sealctl::check
