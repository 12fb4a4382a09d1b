// Where the thread-local blocks of the start-up modules lie (ELF Handling For Thread-Local
// Storage): one static block for each thread, the program's part where the linker of the program
// expects it.
#pragma once

#include <span>

#include "ldso/base/result.h"
#include "ldso/elf/relocation.h"
#include "ldso/image/module.h"

namespace ldseal {

struct TlsLayout {
  ByteCount size;          // of the whole block; 0: nobody has thread-local storage
  uint64_t alignment = 1;  // of the thread pointer
  int64_t start = 0;       // of the block from the thread pointer
};

// Gives each module that is ours its `tls.offset`, the program first. `header` is what stands
// between the thread pointer and a block above it.
Result<TlsLayout> lay_out_tls(std::span<Module* const> modules, TlsVariant variant,
                              uint64_t header);

// The same for a program that is alone and has such a block.
TlsLayout lay_out_alone(TlsBlock& block, TlsVariant variant, uint64_t header);

// Copies a module's initial image, as it stands in memory now, into a block.
void copy_tls_image(const TlsBlock& own, LoadBias bias, const TlsLayout& layout, Address block);
// Copies the modules' initial images, as they stand in memory now, into a block.
void copy_tls_images(std::span<Module* const> modules, const TlsLayout& layout, Address block);

}  // namespace ldseal
