// Makes one pass over the program headers. Each check names the field that is wrong.
#include "ldso/elf/segments.h"

namespace ldseal {
namespace {

Error wrong(Fault f, const char* field, const Phdr& at, uint64_t found, uint64_t wanted) {
  Error e = fault(f);
  e.field = field;
  e.place = Place::kVaddr;
  e.where = at.p_vaddr;
  e.found = found;
  e.wanted = wanted;
  return e;
}

Status check_load(const Phdr& ph, SegmentSource source, ByteCount file_size, PageSize page) {
  if (ph.p_align > 1 && !is_power_of_two(ph.p_align)) {
    return wrong(Fault::kBadAlignment, "PT_LOAD p_align", ph, ph.p_align, page.value);
  }
  if (ph.p_filesz > ph.p_memsz) {
    return wrong(Fault::kFileSizeAboveMemorySize, "PT_LOAD p_filesz", ph, ph.p_filesz, ph.p_memsz);
  }
  if (source == SegmentSource::kFile && !range_fits(ph.p_offset, ph.p_filesz, file_size.value)) {
    return wrong(Fault::kSegmentOutsideFile, "PT_LOAD p_offset + p_filesz", ph,
                 ph.p_offset + ph.p_filesz, file_size.value);
  }
  std::optional<uint64_t> end = checked_add(ph.p_vaddr, ph.p_memsz);
  if (!end || !checked_round_up(*end, page.value)) {
    return wrong(Fault::kSegmentWraps, "PT_LOAD p_vaddr", ph, ph.p_vaddr, ph.p_memsz);
  }
  if (((ph.p_vaddr - ph.p_offset) & (page.value - 1)) != 0) {
    return wrong(Fault::kSegmentNotCongruent, "PT_LOAD p_offset", ph, ph.p_offset, page.value);
  }
  return {};
}

// If two segments share a page, the later one is mapped there. So it must have the earlier one's
// permissions, or the data of the earlier one would lose them.
Status check_shared_page(const Phdr& earlier, const Phdr& later, PageSize page) {
  if (page.up(earlier.p_vaddr + earlier.p_memsz) <= page.down(later.p_vaddr)) return {};
  uint32_t allowed = (later.p_flags & PF_W) != 0 ? PF_R | PF_W : later.p_flags & PF_R;
  if ((earlier.p_flags & (PF_R | PF_W) & ~allowed) == 0) return {};
  return wrong(Fault::kSegmentHidden, "PT_LOAD p_flags", later, later.p_flags, earlier.p_flags);
}

Status check_shared_pages(ProgramHeaders headers, PageSize page) {
  const Phdr* earlier = nullptr;
  while (const Phdr* later = next_load(headers, earlier)) {
    Status s = earlier == nullptr ? Status() : check_shared_page(*earlier, *later, page);
    if (!s) return s;
    earlier = later;
  }
  return {};
}

Status check_tls(const Phdr& ph, ProgramHeaders headers) {
  if (ph.p_align > 1 && !is_power_of_two(ph.p_align)) {
    return wrong(Fault::kBadAlignment, "PT_TLS p_align", ph, ph.p_align, 1);
  }
  if (ph.p_filesz > ph.p_memsz) {
    return wrong(Fault::kFileSizeAboveMemorySize, "PT_TLS p_filesz", ph, ph.p_filesz, ph.p_memsz);
  }
  if (ph.p_filesz != 0 && !loads_cover(headers, Vaddr(ph.p_vaddr), ByteCount(ph.p_filesz), PF_R)) {
    return wrong(Fault::kBadTlsSegment, "PT_TLS p_vaddr", ph, ph.p_vaddr, ph.p_filesz);
  }
  return {};
}

void note_load(Segments& segments, const Phdr& ph, PageSize page) {
  Vaddr start(page.down(ph.p_vaddr));
  Vaddr end(page.up(ph.p_vaddr + ph.p_memsz));
  bool is_first = segments.alignment == 0;
  if (is_first || start < segments.start) segments.start = start;
  if (is_first || end > segments.end) segments.end = end;
  // Ignores a p_align that contradicts p_vaddr and p_offset.
  bool congruent = ph.p_align > 1 && ((ph.p_vaddr - ph.p_offset) & (ph.p_align - 1)) == 0;
  if (segments.alignment == 0) segments.alignment = page.value;
  if (congruent && ph.p_align > segments.alignment) segments.alignment = ph.p_align;
}

void note_other(Segments& segments, const Phdr& ph) {
  switch (ph.p_type) {
    case PT_DYNAMIC:
      segments.dynamic = &ph;
      break;
    case PT_INTERP:
      segments.interpreter = &ph;
      break;
    case PT_TLS:
      segments.tls = &ph;
      break;
    case PT_GNU_RELRO:
      segments.relro = &ph;
      break;
    case PT_PHDR:
      segments.own_headers = &ph;
      break;
    case PT_GNU_EH_FRAME:
      segments.eh_frame = &ph;
      break;
    case PT_GNU_STACK:
      segments.stack = &ph;
      break;
    default:
      break;
  }
}

}  // namespace

Segments describe_segments(ProgramHeaders headers, PageSize page) {
  Segments segments;
  segments.headers = headers;
  for (const Phdr& ph : headers) {
    if (ph.p_type != PT_LOAD) note_other(segments, ph);
    if (ph.p_type == PT_LOAD && ph.p_memsz != 0) note_load(segments, ph, page);
  }
  return segments;
}

Result<Segments> inspect_segments(ProgramHeaders headers, SegmentSource source, ByteCount file_size,
                                  PageSize page) {
  uint64_t previous_end = 0;
  for (const Phdr& ph : headers) {
    if (ph.p_type != PT_LOAD) continue;
    if (Status s = check_load(ph, source, file_size, page); !s) return s.error();
    if (ph.p_vaddr < previous_end) {
      return wrong(Fault::kSegmentOrder, "PT_LOAD p_vaddr", ph, ph.p_vaddr, previous_end);
    }
    previous_end = ph.p_vaddr + ph.p_memsz;
  }
  if (Status s = check_shared_pages(headers, page); !s) return s.error();
  Segments segments = describe_segments(headers, page);
  if (segments.alignment == 0) return fault(Fault::kNoLoadSegment);
  if (segments.tls != nullptr) {
    if (Status s = check_tls(*segments.tls, headers); !s) return s.error();
  }
  if (const Phdr* d = segments.dynamic;
      d != nullptr && !loads_cover(headers, Vaddr(d->p_vaddr), ByteCount(d->p_memsz))) {
    return wrong(Fault::kDynamicOutside, "PT_DYNAMIC p_vaddr", *d, d->p_vaddr, d->p_memsz);
  }
  if (const Phdr* r = segments.relro; r != nullptr && r->p_memsz != 0) {
    std::optional<uint64_t> end = checked_add(r->p_vaddr, r->p_memsz);
    if (!end || r->p_vaddr < segments.start.value || *end > segments.end.value) {
      return wrong(Fault::kBadRelroSegment, "PT_GNU_RELRO p_vaddr", *r, r->p_vaddr, r->p_memsz);
    }
  }
  return segments;
}

const Phdr* next_load(ProgramHeaders headers, const Phdr* before) {
  const Phdr* end = headers.data() + headers.size();
  for (const Phdr* ph = before == nullptr ? headers.data() : before + 1; ph != end; ++ph) {
    if (ph->p_type == PT_LOAD && ph->p_memsz != 0) return ph;
  }
  return nullptr;
}

const Phdr* find_load(ProgramHeaders headers, Vaddr start, ByteCount length, uint32_t flags) {
  for (const Phdr& ph : headers) {
    if (ph.p_type != PT_LOAD || start.value < ph.p_vaddr || (ph.p_flags & flags) != flags) continue;
    if (range_fits(start.value - ph.p_vaddr, length.value, ph.p_memsz)) return &ph;
  }
  return nullptr;
}

bool loads_cover(ProgramHeaders headers, Vaddr start, ByteCount length, uint32_t flags) {
  uint64_t at = start.value, left = length.value;
  const Phdr* ph = nullptr;
  while ((ph = next_load(headers, ph)) != nullptr) {
    bool holds = at >= ph->p_vaddr && at - ph->p_vaddr <= ph->p_memsz;
    if (!holds || (ph->p_flags & flags) != flags) continue;
    uint64_t held = ph->p_memsz - (at - ph->p_vaddr);
    if (left <= held) return true;
    at += held;
    left -= held;
  }
  return false;
}

bool is_rest_of_page(ProgramHeaders headers, Vaddr start, ByteCount length, PageSize page) {
  const Phdr* ph = nullptr;
  while ((ph = next_load(headers, ph)) != nullptr) {
    uint64_t end = ph->p_vaddr + ph->p_memsz;
    if ((ph->p_flags & PF_W) == 0 || start.value < end) continue;
    const Phdr* next = next_load(headers, ph);
    bool is_shared = next != nullptr && page.down(next->p_vaddr) < page.up(end);
    if (!is_shared && range_fits(start.value - end, length.value, page.up(end) - end)) return true;
  }
  return false;
}

}  // namespace ldseal
