// Program headers (gABI "Program Header"): what a file asks to have in memory. Each is checked
// once.
#pragma once

#include <span>

#include "ldso/base/number.h"
#include "ldso/base/result.h"
#include "ldso/elf/types.h"

namespace ldseal {

using ProgramHeaders = std::span<const Phdr>;

// The contents of the program headers of one object. Pointers are into the table that was
// inspected; they are null if there is no such header.
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
  const Phdr* stack = nullptr;        // PT_GNU_STACK
};

// Does the object say that it runs code on the stack (PT_GNU_STACK with PF_X)?
inline bool asks_for_executable_stack(const Segments& segments) {
  return segments.stack != nullptr && (segments.stack->p_flags & PF_X) != 0;
}

// Where the bytes of the segments are: in a file of a known size, or in memory that is already
// mapped.
enum class SegmentSource : uint8_t { kFile, kMemory };

// Checks the program headers. `headers` must outlive the result. `file_size` matters for kFile
// only. Errors: the faults under "program headers" in base/error.h.
Result<Segments> inspect_segments(ProgramHeaders headers, SegmentSource source, ByteCount file_size,
                                  PageSize page);

// The same without any check, for an object that the kernel has mapped.
Segments describe_segments(ProgramHeaders headers, PageSize page);

// Returns the PT_LOAD after `before`, or the first if `before` is null; null at the end. Skips
// segments with p_memsz 0.
const Phdr* next_load(ProgramHeaders headers, const Phdr* before);

// Returns the PT_LOAD that holds all of [start, start + length) in memory and has all these PF_…
// flags; null if there is none.
const Phdr* find_load(ProgramHeaders headers, Vaddr start, ByteCount length, uint32_t flags = 0);

// Do PT_LOADs with all these flags that follow on one another without a gap in memory hold all of
// [start, start + length)? PT_LOADs are in ascending order.
bool loads_cover(ProgramHeaders headers, Vaddr start, ByteCount length, uint32_t flags = 0);

// Does [start, start + length) begin behind a writable PT_LOAD and end with its last page, in which
// no other segment begins? strip(1) cuts p_memsz of programs that mold has linked and patchelf has
// changed; what their COPY relocations fill lies there.
bool is_rest_of_page(ProgramHeaders headers, Vaddr start, ByteCount length, PageSize page);

}  // namespace ldseal
