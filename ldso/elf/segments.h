// Program headers (gABI "Program Header"): what a file asks to have in memory, checked once.
#pragma once

#include <span>

#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/elf/types.h"

namespace ldseal {

using ProgramHeaders = std::span<const Phdr>;

// What the program headers of one object say. Pointers are into the table that was inspected, null
// where absent.
struct Segments {
  ProgramHeaders headers;
  Vaddr start;             // first page of the lowest PT_LOAD
  Vaddr end;               // end of the last page of the highest PT_LOAD
  uint64_t alignment = 0;  // the largest p_align, at least the page size
  const Phdr* dynamic = nullptr;
  const Phdr* interpreter = nullptr;
  const Phdr* tls = nullptr;
  const Phdr* relro = nullptr;
  const Phdr* own_headers = nullptr;  // PT_PHDR
  const Phdr* eh_frame = nullptr;     // PT_GNU_EH_FRAME
};

// Where the bytes of the segments come from: a file of a known size, or memory that is already
// mapped.
enum class SegmentSource : uint8_t { kFile, kMemory };

// `headers` must stay where they are as long as the result is used. `file_size` is looked at for
// kFile only.
Result<Segments> inspect_segments(ProgramHeaders headers, SegmentSource source, ByteCount file_size,
                                  PageSize page);

// The same of an object that the kernel has mapped: nothing is checked once more.
Segments describe_segments(ProgramHeaders headers, PageSize page);

// The PT_LOAD that follows `before`, or the first for null; null at the end. Skips
// segments with p_memsz 0.
const Phdr* next_load(ProgramHeaders headers, const Phdr* before);

// The PT_LOAD that holds all of [start, start + length) in memory and has all these PF_… flags;
// null where there is none.
const Phdr* find_load(ProgramHeaders headers, Vaddr start, ByteCount length, uint32_t flags = 0);

}  // namespace ldseal
