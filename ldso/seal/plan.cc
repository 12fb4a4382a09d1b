// Computes ranges by the same rules as mapping (image/segment_extent.h) and RELRO (image/relro.h).
// Makes no system call.
#include "ldso/seal/plan.h"

#include "ldso/image/segment_extent.h"

namespace ldseal {
namespace {

constexpr uint32_t kGnuMutable = 0x6474f555;      // PT_GNU_MUTABLE
constexpr uint32_t kOpenbsdMutable = 0x65a3dbe5;  // PT_OPENBSD_MUTABLE

AddressRange intersection(AddressRange a, AddressRange b) {
  return {a.start < b.start ? b.start : a.start, a.end < b.end ? a.end : b.end};
}

// Returns the lowest mutable pages in `range`; an empty range at its end if there are none.
AddressRange first_mutable(ProgramHeaders headers, LoadBias bias, AddressRange range,
                           PageSize page) {
  AddressRange first{range.end, range.end};
  for (const Phdr& ph : headers) {
    bool is_mutable = ph.p_type == kGnuMutable || ph.p_type == kOpenbsdMutable;
    if (!is_mutable || ph.p_memsz == 0) continue;
    AddressRange pages{page.down(Vaddr(ph.p_vaddr) + bias),
                       page.up(Vaddr(ph.p_vaddr + ph.p_memsz) + bias)};
    AddressRange here = intersection(range, pages);
    if (!here.empty() && here.start < first.start) first = here;
  }
  return first;
}

// The class that says whether `r` is sealed. Pages of the PLT are text or RELRO as well, and they
// are final only if their own class is wanted.
SealClass deciding_class(const PlannedRange& r) {
  if (r.seal_class != SealClass::kPlt) return r.seal_class;
  return (r.protection & PROT_EXEC) != 0 ? SealClass::kText : SealClass::kRelro;
}

bool begins_below(const PlannedRange& a, const PlannedRange& b) {
  return a.range.start < b.range.start;
}

}  // namespace

AddressRange Plan::pages_of(const PlannedModule& object, const Phdr& load) const {
  return extent_of(load, object.segments, object.bias, page_, object.holes_are_guarded).pages();
}

void Plan::add(PlannedRange r) {
  if (r.range.empty()) return;
  if (r.verdict == Verdict::kSealed) {
    uint32_t decides = bit(deciding_class(r));
    bool is_exempt = (policy_.exempt_classes() & decides) != 0;
    if ((policy_.wanted & decides) == 0) {
      r.verdict = Verdict::kClassOff;
    } else if (is_exempt) {
      r.verdict = Verdict::kExempt;
    } else if (policy_.is_filtered_out()) {
      r.verdict = Verdict::kFilter;
    } else if ((r.protection & PROT_READ) == 0) {
      r.verdict = Verdict::kUnreadable;
    }
  }
  ranges_.add(arena_, r);
}

// Adds `r` without the pages that the object's mutable ranges touch.
void Plan::add_around_mutable(const PlannedModule& object, PlannedRange r) {
  while (!r.range.empty()) {
    AddressRange hole = first_mutable(object.segments.headers, object.bias, r.range, page_);
    PlannedRange before = r, inside = r;
    before.range.end = hole.start;
    inside.range = hole;
    inside.verdict = Verdict::kMutable;
    add(before);
    add(inside);
    r.range.start = hole.end;
  }
}

// Adds `r`; what of it is in `plt` as a range of that class.
void Plan::add_around_plt(const PlannedModule& object, PlannedRange r, AddressRange plt) {
  AddressRange inside = intersection(r.range, plt);
  if (inside.empty()) return add_around_mutable(object, r);
  PlannedRange before = r, final = r, behind = r;
  before.range.end = inside.start;
  final.range = inside;
  final.seal_class = SealClass::kPlt;
  final.protection &= ~PROT_WRITE;
  behind.range.start = inside.end;
  add_around_mutable(object, before);
  add_around_mutable(object, final);
  add_around_mutable(object, behind);
}

PlannedRange Plan::range_of(const PlannedModule& object, const Phdr& load) const {
  return {pages_of(object, load), protection_of(load), SealClass::kText, Verdict::kSealed,
          object.name};
}

void Plan::add_segment(const PlannedModule& object, const Phdr& load) {
  PlannedRange all = range_of(object, load);
  if ((load.p_flags & PF_W) == 0) return add_around_plt(object, all, object.final_stubs);
  AddressRange relro_pages_here =
      intersection(all.range, relro_pages(object.segments, object.bias, page_));
  if (stays_constant(object.segments, load, page_)) relro_pages_here = all.range;
  PlannedRange data = all, relro = all;
  data.seal_class = SealClass::kData;
  if (relro_pages_here.empty()) return add_around_plt(object, data, object.final_slots);
  relro.seal_class = SealClass::kRelro;
  relro.range = relro_pages_here;
  relro.protection = PROT_READ;
  data.range.end = relro.range.start;
  add_around_plt(object, data, object.final_slots);
  add_around_mutable(object, relro);
  data.range = {relro.range.end, all.range.end};
  add_around_plt(object, data, object.final_slots);
}

void Plan::add_object(const PlannedModule& object) {
  const Phdr* load = nullptr;
  while ((load = next_load(object.segments.headers, load)) != nullptr) add_segment(object, *load);
}

void Plan::add_left(const PlannedModule& object, Verdict why) {
  size_t first = ranges_.size();
  add_object(object);
  for (size_t i = first; i < ranges_.size(); ++i) {
    ranges_[i].seal_class = SealClass::kDlopen;
    ranges_[i].verdict = why;
  }
}

void Plan::add_closable(const PlannedModule& object) {
  bool is_exempt = (policy_.wanted & policy_.exempt_classes() & LDSEAL_CLASS_DLOPEN) != 0;
  add_left(object, is_exempt ? Verdict::kExempt : Verdict::kClassOff);
}

void Plan::add_elsewhere(const PlannedModule& object) { add_left(object, Verdict::kElsewhere); }

void Plan::add_text(const PlannedModule& object) {
  const Phdr* load = nullptr;
  while ((load = next_load(object.segments.headers, load)) != nullptr) {
    if ((load->p_flags & PF_W) == 0) add_segment(object, *load);
  }
}

// Adds ld-seal's variables around the records and the final pages, which are added elsewhere.
void Plan::add_variables(const PlannedModule& loader, const Phdr& load, AddressRange records,
                         std::span<const AddressRange> final_pages) {
  PlannedRange rest = range_of(loader, load);
  rest.seal_class = SealClass::kLoader;
  rest.verdict = Verdict::kChanging;
  auto leave_out = [&](AddressRange pages) {
    AddressRange inside = intersection(rest.range, pages);
    if (inside.empty()) return;
    PlannedRange before = rest;
    before.range.end = inside.start;
    add(before);
    rest.range.start = inside.end;
  };
  leave_out(records);
  for (AddressRange pages : final_pages) leave_out(pages);
  add(rest);
}

void Plan::add_loader(const PlannedModule& loader, AddressRange records,
                      std::span<const AddressRange> final_pages) {
  add_text(loader);
  const Phdr* load = nullptr;
  while ((load = next_load(loader.segments.headers, load)) != nullptr) {
    if ((load->p_flags & PF_W) != 0) add_variables(loader, *load, records, final_pages);
  }
  add({records, PROT_READ, SealClass::kLoader, Verdict::kChanging, loader.name});
  for (AddressRange pages : final_pages) {
    add({pages, PROT_READ, SealClass::kLoader, Verdict::kSealed, loader.name});
  }
}

void Plan::add_changing(AddressRange range, int protection, const char* loader) {
  add({range, protection, SealClass::kLoader, Verdict::kChanging, loader});
}

void Plan::add_description(AddressRange range, const char* loader) {
  add({range, PROT_READ, SealClass::kLoader, Verdict::kSealed, loader});
}

void Plan::add_system(const SystemMappings& mappings) {
  for (const SystemMapping& m : mappings.all()) {
    add({m.range, m.protection, SealClass::kSystem, Verdict::kSealed, m.name});
  }
}

void Plan::add_stack(AddressRange stack) {
  if ((policy_.wanted & bit(SealClass::kStack)) == 0) return;
  PlannedRange whole{stack, PROT_READ | PROT_WRITE, SealClass::kStack, Verdict::kSealed, "[stack]"};
  if (stack.empty()) whole.verdict = Verdict::kUnknown;
  if (stack.empty()) return ranges_.add(arena_, whole);
  add(whole);
}

// Shell sort. The kernel places thousands of objects in nearly descending order; insertion sort
// would need quadratic time to reverse it.
void Plan::sort() {
  size_t count = ranges_.size();
  size_t gap = 1;
  while (gap < count / 3) gap = gap * 3 + 1;
  for (; gap > 0; gap /= 3) {
    for (size_t i = gap; i < count; ++i) {
      PlannedRange r = ranges_[i];
      size_t at = i;
      for (; at >= gap && begins_below(r, ranges_[at - gap]); at -= gap) {
        ranges_[at] = ranges_[at - gap];
      }
      ranges_[at] = r;
    }
  }
}

}  // namespace ldseal
