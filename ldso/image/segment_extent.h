// The pages of one PT_LOAD in memory. Mapping and sealing both use this, so that they agree about
// them.
#pragma once

#include <linux/mman.h>

#include "ldso/image/relro.h"

namespace ldseal {

// Converts a segment's p_flags to the PROT_… of mmap(2).
inline int protection_of(const Phdr& ph) {
  return ((ph.p_flags & PF_R) != 0 ? PROT_READ : 0) | ((ph.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
         ((ph.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

struct SegmentExtent {
  Address start;  // of its first page
  Address end;    // of its last page
  Address next;   // start of the next segment's first page; `end` for the last segment
  // Its mapping reaches over the hole up to `next`, and guards make the hole inaccessible.
  bool covers_hole;

  AddressRange hole() const { return {end, next}; }
  // If two segments share a page, the earlier one ends before it.
  AddressRange pages() const { return {start, covers_hole || next < end ? next : end}; }
};

// `holes_are_guarded`: guards work in this process, and ld-seal has mapped the object.
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
