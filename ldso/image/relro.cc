// See relro.h.
#include "ldso/image/relro.h"

#include <linux/mman.h>

#include "ldso/image/segment_extent.h"
#include "ldso/mem/mapping.h"

namespace ldseal {
namespace {

Status in_object(const Status& status, const char* name) {
  if (status) return {};
  Error e = status.error();
  e.object = name;
  return e;
}

}  // namespace

AddressRange relro_pages(const Segments& segments, LoadBias bias, PageSize page) {
  const Phdr* relro = segments.relro;
  if (relro == nullptr) return {};
  AddressRange pages{page.down(Vaddr(relro->p_vaddr) + bias),
                     page.down(Vaddr(relro->p_vaddr + relro->p_memsz) + bias)};
  return pages.empty() ? AddressRange{} : pages;
}

bool stays_constant(const Segments& segments, const Phdr& load, PageSize page) {
  if ((load.p_flags & PF_W) == 0) return load.p_memsz == load.p_filesz;
  AddressRange relro = relro_pages(segments, LoadBias(0), page);
  return relro.start.value <= page.down(load.p_vaddr) &&
         page.up(load.p_vaddr + load.p_memsz) <= relro.end.value;
}

Address end_of_anonymous_part(AddressRange pages, AddressRange relro, PageSize page) {
  constexpr uint64_t kFewPages = 16;
  if (pages.length().value <= kFewPages * page.value) return pages.end;
  if (relro.empty() || relro.end <= pages.start) return pages.start;
  return relro.end < pages.end ? relro.end : pages.end;
}

Status make_relro_anonymous(const Segments& segments, LoadBias bias, const char* name,
                            PageSize page, std::span<unsigned char> buffer) {
  AddressRange pages = relro_pages(segments, bias, page);
  return pages.empty() ? Status() : in_object(make_anonymous(pages, buffer), name);
}

AddressRange relro_and_hole(const Segments& segments, LoadBias bias, bool holes_are_guarded,
                            PageSize page) {
  AddressRange pages = relro_pages(segments, bias, page);
  const Phdr* load = nullptr;
  while (holes_are_guarded && (load = next_load(segments.headers, load)) != nullptr) {
    SegmentExtent extent = extent_of(*load, segments, bias, page, holes_are_guarded);
    bool is_last_of_relro = (load->p_flags & PF_W) != 0 && extent.end == pages.end;
    if (is_last_of_relro && extent.covers_hole) pages.end = extent.next;
  }
  return pages;
}

Status protect_relro(AddressRange pages, const char* name) {
  return in_object(change_protection(pages, PROT_READ), name);
}

}  // namespace ldseal
