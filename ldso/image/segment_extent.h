// What one PT_LOAD covers in memory, for who maps it and for who plans its seal: both must mean the same
// pages.
#pragma once

#include <linux/mman.h>

#include "ldso/image/relro.h"

namespace ldseal {

// The PROT_… of mmap(2) for a segment's p_flags.
inline int protection_of(const Phdr& ph) {
  return ((ph.p_flags & PF_R) != 0 ? PROT_READ : 0) | ((ph.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
         ((ph.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

struct SegmentExtent {
  Address start;  // of its first page
  Address end;    // of its last page
  Address next;   // where the next segment's first page begins; `end` for the last one
  bool
      covers_hole;  // its mapping reaches over the hole up to `next`, which guards make inaccessible

  AddressRange hole() const { return {end, next}; }
  // A segment that shares its last page with the next one ends before that page.
  AddressRange pages() const { return {start, covers_hole || next < end ? next : end}; }
};

// `holes_are_guarded`: guards work here, and the object is mapped by ld-seal.
inline SegmentExtent extent_of(const Phdr& load, const Segments& segments, LoadBias bias,
                               PageSize page, bool holes_are_guarded) {
  SegmentExtent extent;
  extent.start = page.down(Vaddr(load.p_vaddr) + bias);
  extent.end = page.up(Vaddr(load.p_vaddr + load.p_memsz) + bias);
  const Phdr* following = next_load(segments.headers, &load);
  extent.next = following == nullptr ? extent.end : page.down(Vaddr(following->p_vaddr) + bias);
  extent.covers_hole =
      holes_are_guarded && extent.end < extent.next && stays_constant(segments, load, page);
  return extent;
}

}  // namespace ldseal
