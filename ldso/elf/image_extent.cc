// Works with file offsets, not addresses: the addresses of such an image may begin anywhere, as
// those of QEMU's vDSO do.
#include "ldso/elf/image_extent.h"

#include "ldso/elf/header.h"

namespace ldseal {
namespace {

// Moves `end` up to the end of a part. Returns false if the part's end overflows.
bool reach(uint64_t& end, uint64_t from, uint64_t length) {
  std::optional<uint64_t> part_end = checked_add(from, length);
  if (!part_end) return false;
  if (*part_end > end) end = *part_end;
  return true;
}

Error segment_wraps(const Phdr& ph) {
  Error e = fault(Fault::kSegmentWraps);
  e.field = "p_offset";
  e.place = Place::kVaddr;
  e.where = ph.p_vaddr;
  e.found = ph.p_offset;
  e.wanted = ph.p_memsz;
  return e;
}

}  // namespace

Result<ByteCount> image_extent(ByteView start, uint16_t machine) {
  Result<Ehdr> header = read_header(start, ByteCount(start.size()), machine);
  if (!header) return header.error();
  uint64_t end = sizeof(Ehdr);
  for (uint64_t i = 0; i < header->e_phnum; ++i) {
    uint64_t from = header->e_phoff + i * sizeof(Phdr);
    Phdr ph = *start.read<Phdr>(FileOffset(from));  // inside: read_header() has checked it
    uint64_t length = ph.p_filesz > ph.p_memsz ? ph.p_filesz : ph.p_memsz;
    if (!reach(end, from, sizeof(Phdr)) || !reach(end, ph.p_offset, length)) {
      return segment_wraps(ph);
    }
  }
  uint64_t sections = uint64_t{header->e_shnum} * header->e_shentsize;
  if (sections != 0 && !reach(end, header->e_shoff, sections)) {
    Error e = fault(Fault::kTableOutside);
    e.field = "e_shoff";
    e.found = header->e_shoff;
    return e;
  }
  return ByteCount(end);
}

}  // namespace ldseal
