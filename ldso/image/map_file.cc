// Reserves the whole span of the object, then maps each PT_LOAD into its place. Memory that no
// segment covers is inaccessible.
//
// Code is mapped executable; mprotect(2) never makes it so. Under W^X (PR_SET_MDWE, systemd's
// MemoryDenyWriteExecute) mprotect(2) must not add PROT_EXEC.
#include "ldso/image/map_file.h"

#include <asm/errno.h>
#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/base/lifetime.h"
#include "ldso/base/trace.h"
#include "ldso/elf/notes.h"
#include "ldso/image/relro.h"
#include "ldso/image/segment_extent.h"
#include "ldso/mem/guards.h"

namespace ldseal {
namespace {

LDSEAL_FINAL constinit bool maps_as_libc_does = false;
LDSEAL_FINAL constinit int branch_target_protection = 0;

Error in_object(Error error, const Module& module) {
  error.object = module.display_name();
  return error;
}

bool are_zeroes(AddressRange range) {
  for (Address at = range.start; at < range.end; at = at + ByteCount(1)) {
    if (*at.as<const unsigned char>() != 0) return false;
  }
  return true;
}

Status read_whole(int file, AddressRange into, FileOffset from) {
  while (!into.empty()) {
    kernel::Answer got = kernel::read_at(file, into.start.as<void>(), into.length().value, from);
    if (got.failed() || got.value == 0) {
      Error e = fault(Fault::kCannotRead);
      e.error_number = got.failed() ? got.error_number() : EIO;  // the file has become shorter
      return e;
    }
    into.start = into.start + ByteCount(static_cast<uint64_t>(got.value));
    from = FileOffset(from.value + static_cast<uint64_t>(got.value));
  }
  return {};
}

uint32_t features_in_memory(ProgramHeaders headers, const ImageView& image) {
  const Phdr* segment = find_feature_segment(headers, Native::kNotesHaveFeatures);
  if (segment == nullptr) return 0;
  ByteCount size(segment->p_filesz);
  const auto* bytes = image.at<const unsigned char>(Vaddr(segment->p_vaddr), size);
  return bytes == nullptr ? 0 : read_features({bytes, size.value}, Native::kFeatures);
}

// One PT_LOAD and its place in memory.
struct MappedSegment {
  const Phdr& header;
  int protection;
  SegmentExtent extent;
  Address file_end;    // end of the file's bytes
  Address file_pages;  // end of the pages that have bytes of the file
  bool is_writable() const { return (protection & PROT_WRITE) != 0; }
};

// The address space of one object while it is filled. If possible, one mapping of the file, the
// base, covers the whole span. It puts the first segment in place, and every other segment with the
// same distance between file and memory.
class ImageMapping {
 public:
  ImageMapping(const ElfFile& file, PageSize page) : file_(file), page_(page) {}

  Status reserve();
  Status map_segments();

  LoadBias bias() const { return bias_; }
  AddressRange span() const { return mapping_.range(); }
  bool holes_are_guarded() const { return holes_are_guarded_ && guards_may_work(); }
  void keep_forever() { std::move(mapping_).keep_forever(); }

 private:
  MappedSegment segment_of(const Phdr& load) const;
  int wanted_protection(const Phdr& load) const;
  Status map_constant(const MappedSegment& s);
  Status map_writable(const MappedSegment& s);
  Status show_file(const MappedSegment& s, Address start, Address end);
  Status place_copy(const MappedSegment& s, AddressRange where, Address file_end);
  Status copy_whole(const MappedSegment& s, AddressRange relro);
  Status add_zeroes(const MappedSegment& s);
  Status place_constant_zeroes(const MappedSegment& s, AddressRange pages);
  Status clear_page_end(const MappedSegment& s);
  Status settle_beyond_end(AddressRange pages, const MappedSegment& s);
  Status close_hole(const MappedSegment& s);

  const ElfFile& file_;
  PageSize page_;
  Mapping mapping_;
  LoadBias bias_;
  bool has_base_ = false;       // the span is a mapping of the file
  uint64_t distance_ = 0;       // p_vaddr - p_offset for what the base maps
  int protection_ = PROT_NONE;  // of the base
  Address replaced_end_;  // pages before this are no longer the base's, or have another protection
  bool holes_are_guarded_ = true;  // until a guard cannot be installed
};

Status ImageMapping::reserve() {
  const Segments& segments = file_.segments();
  const Phdr* first = next_load(segments.headers, nullptr);
  ByteCount length(segments.end.value - segments.start.value);
  bool is_fixed = file_.header().e_type == ET_EXEC;
  has_base_ =
      !maps_as_libc_does && !is_fixed && segments.alignment == page_.value && first->p_filesz != 0;
  if (has_base_) {
    distance_ = first->p_vaddr - first->p_offset;
    protection_ = wanted_protection(*first);
  }
  AddressRange fixed{Address(segments.start.value), Address(segments.end.value)};
  Result<Mapping> mapping = has_base_  ? Mapping::of_file(length, protection_, file_.file(),
                                                          FileOffset(page_.down(first->p_offset)))
                            : is_fixed ? Mapping::reserve_exactly(fixed)
                                       : Mapping::reserve(length, segments.alignment, page_);
  if (!mapping) return mapping.error();
  mapping_ = std::move(*mapping);
  bias_ = bias_between(mapping_.range().start, segments.start);
  return {};
}

Status ImageMapping::map_segments() {
  ProgramHeaders headers = file_.segments().headers;
  const Phdr* load = nullptr;
  while ((load = next_load(headers, load)) != nullptr) {
    MappedSegment s = segment_of(*load);
    if (Status mapped = s.is_writable() ? map_writable(s) : map_constant(s); !mapped) return mapped;
    if (Status closed = close_hole(s); !closed) return closed;
  }
  return {};
}

int ImageMapping::wanted_protection(const Phdr& load) const {
  bool is_code = (load.p_flags & PF_X) != 0;
  return protection_of(load) | (is_code ? code_protection(file_.features()) : 0);
}

MappedSegment ImageMapping::segment_of(const Phdr& load) const {
  MappedSegment s{load,
                  wanted_protection(load),
                  extent_of(load, file_.segments(), bias_, page_, guards_may_work()),
                  Vaddr(load.p_vaddr + load.p_filesz) + bias_,
                  {}};
  s.file_pages = load.p_filesz == 0 ? s.extent.start : page_.up(s.file_end);
  return s;
}

Status ImageMapping::map_constant(const MappedSegment& s) {
  Address end = s.extent.covers_hole ? s.extent.next : s.file_pages;
  if (Status shown = show_file(s, s.extent.start, end); !shown) return shown;
  return add_zeroes(s);
}

// RELRO has no file behind it (image/relro.h).
Status ImageMapping::map_writable(const MappedSegment& s) {
  AddressRange relro = relro_pages(file_.segments(), bias_, page_);
  AddressRange pages{s.extent.start, s.file_pages};
  Address copied = maps_as_libc_does ? pages.start : end_of_anonymous_part(pages, relro, page_);
  if (copied == pages.end) return copy_whole(s, relro);
  if (copied > pages.start) {
    if (Status placed = place_copy(s, {pages.start, copied}, copied); !placed) return placed;
  }
  if (Status shown = show_file(s, copied, pages.end); !shown) return shown;
  return add_zeroes(s);
}

// Maps the file from `start` to `end`, which lies in the segment or in the hole behind it.
Status ImageMapping::show_file(const MappedSegment& s, Address start, Address end) {
  if (end <= start) return {};
  bool in_place =
      has_base_ && distance_ == s.header.p_vaddr - s.header.p_offset && start >= replaced_end_;
  FileOffset from(page_.down(s.header.p_offset) + (start - s.extent.start).value);
  bool is_right_already = in_place && s.protection == protection_;
  bool becomes_code = (s.protection & ~protection_ & PROT_EXEC) != 0;
  Status placed;
  if (!in_place || becomes_code) {
    placed = mapping_.place_file({start, end}, s.protection, file_.file(), from);
  } else if (!is_right_already) {
    placed = change_protection({start, end}, s.protection);
  }
  if (!is_right_already) replaced_end_ = end;
  if (!placed) return placed;
  return settle_beyond_end({start, end}, s);
}

// Puts the file's bytes up to `file_end` into anonymous memory, with zeroes behind them.
Status ImageMapping::place_copy(const MappedSegment& s, AddressRange where, Address file_end) {
  if (Status placed = mapping_.place_zeroes(where, s.protection | PROT_WRITE); !placed)
    return placed;
  populate_to_fill({where.start, page_.up(file_end)});
  replaced_end_ = where.end;
  return read_whole(file_.file(), {where.start, file_end},
                    FileOffset(page_.down(s.header.p_offset)));
}

Status ImageMapping::copy_whole(const MappedSegment& s, AddressRange relro) {
  Address end = s.extent.covers_hole ? s.extent.next : s.extent.end;
  Address file_end = s.header.p_filesz == 0 ? s.extent.start : s.file_end;
  if (Status copied = place_copy(s, {s.extent.start, end}, file_end); !copied) return copied;
  prefault_zeroes({relro.start < s.file_pages ? s.file_pages : relro.start,
                   relro.end < s.extent.end ? relro.end : s.extent.end},
                  page_);
  return {};
}

// Fills the memory behind the file's bytes: clears the rest of the last page, and maps zeroes for
// whole pages.
Status ImageMapping::add_zeroes(const MappedSegment& s) {
  if (s.header.p_memsz == s.header.p_filesz) return {};
  replaced_end_ = s.extent.end;
  AddressRange pages{s.file_pages, s.extent.end};
  Status placed = s.is_writable() ? mapping_.place_zeroes(pages, s.protection)
                                  : place_constant_zeroes(s, pages);
  if (!placed) return placed;
  bool ends_mid_page = s.header.p_filesz != 0 && s.file_end != s.file_pages;
  return ends_mid_page ? clear_page_end(s) : Status();
}

// Places zeroes that will be sealed with the segment: they are written once (mem/mapping.h,
// prefault_zeroes). In code, where linkers leave none, they are only mapped executable.
Status ImageMapping::place_constant_zeroes(const MappedSegment& s, AddressRange pages) {
  if (pages.empty()) return {};
  if ((s.protection & PROT_EXEC) != 0) return mapping_.place_zeroes(pages, s.protection);
  if (Status placed = mapping_.place_zeroes(pages, PROT_READ | PROT_WRITE); !placed) return placed;
  prefault_zeroes(pages, page_);
  return change_protection(pages, s.protection);
}

// Clears the page behind the file's bytes. A read-only segment is made writable meanwhile, but only
// if the bytes are not zero already, as linkers make them. Code is not made writable where the
// kernel refuses memory that is both writable and executable.
Status ImageMapping::clear_page_end(const MappedSegment& s) {
  AddressRange last{page_.down(s.file_end), s.file_pages};
  AddressRange rest{s.file_end, last.end};
  bool is_readable = (s.protection & PROT_READ) != 0;
  if (!s.is_writable() && is_readable && are_zeroes(rest)) return {};
  if (!s.is_writable()) {
    if (Status opened = change_protection(last, s.protection | PROT_WRITE); !opened) return opened;
  }
  __builtin_memset(rest.start.as<void>(), 0, rest.length().value);
  return s.is_writable() ? Status() : change_protection(last, s.protection);
}

// A file made for small pages may leave whole small pages behind its end in one big page. QEMU's
// user mode keeps the old protection there, as far as system calls are concerned. Setting the
// protection again corrects it. Code is left alone: no system call reads there, and a filter may
// forbid mprotect(2) with PROT_EXEC.
Status ImageMapping::settle_beyond_end(AddressRange pages, const MappedSegment& s) {
  constexpr uint64_t kSmallestPage = uint64_t{1} << 12;
  uint64_t mapped_end = page_.up(s.header.p_offset + s.header.p_filesz);
  uint64_t file_size = file_.status().size;
  bool is_beyond = mapped_end > file_size && mapped_end - file_size >= kSmallestPage;
  bool is_code = (s.protection & PROT_EXEC) != 0;
  return is_beyond && !is_code ? change_protection(pages, s.protection) : Status();
}

// Makes memory between segments inaccessible. If guards work, the hole belongs to the mapping
// before it, so that one call seals both. Otherwise it is a PROT_NONE mapping.
Status ImageMapping::close_hole(const MappedSegment& s) {
  if (s.extent.hole().empty()) return {};
  if (s.extent.covers_hole && install_guards(s.extent.hole())) return {};
  holes_are_guarded_ = holes_are_guarded_ && !s.extent.covers_hole;
  bool is_reserved = !s.extent.covers_hole && !has_base_;
  return is_reserved ? Status() : change_protection(s.extent.hole(), PROT_NONE);
}

}  // namespace

void map_as_libc_does() { maps_as_libc_does = true; }

void check_branch_targets(uint64_t hwcap2) {
  bool can_check = (hwcap2 & Native::kBranchTargetHwcap2) != 0;
  branch_target_protection = can_check ? Native::kBranchTargetProtection : 0;
}

int code_protection(uint32_t features) {
  bool has_landing_pads = (features & Native::kBranchTargetFeature) != 0;
  return has_landing_pads ? branch_target_protection : 0;
}

// The kernel may refuse to (a filter against W^X refuses every mprotect(2) with PROT_EXEC); then
// the object runs as it is, which glibc's rtld puts up with, too.
void protect_code_again(const Module& module, PageSize page) {
  int more = code_protection(module.features);
  const Phdr* load = nullptr;
  while ((load = next_load(module.segments.headers, load)) != nullptr) {
    if ((load->p_flags & PF_X) == 0) continue;
    SegmentExtent extent = extent_of(*load, module.segments, module.bias, page, false);
    Status changed = change_protection({extent.start, extent.end}, protection_of(*load) | more);
    if (!changed) trace::log(Topic::kFiles, {Event::kNoBranchTargets, {module.display_name()}});
  }
}

Status map_object(Module& module, const ElfFile& file, PageSize page, Arena& arena) {
  ImageMapping image(file, page);
  if (Status s = image.reserve(); !s) return in_object(s.error(), module);
  if (Status s = image.map_segments(); !s) return in_object(s.error(), module);
  module.holes_are_guarded = image.holes_are_guarded();
  module.identity = file.identity();
  module.segments = file.segments();
  module.features = file.features();
  module.bias = image.bias();
  module.span = image.span();
  if (file.header().e_entry != 0) module.entry = Vaddr(file.header().e_entry) + module.bias;
  ImageView view = ImageView::of_memory(module.segments.headers, module.bias);
  if (Status s = describe_tables(module, view, arena); !s) return s;
  image.keep_forever();
  return {};
}

Result<Mapping> view_object(Module& module, const ElfFile& file, Arena& arena) {
  Result<Mapping> view = Mapping::read_file(file.file(), ByteCount(file.status().size));
  if (!view) return in_object(view.error(), module);
  module.identity = file.identity();
  module.segments = file.segments();
  ImageView image = ImageView::of_file(module.segments.headers, view->range().start);
  if (Status s = describe_tables(module, image, arena); !s) return s.error();
  return view;
}

Status describe_mapped(Module& module, const ElfFile& file, LoadBias bias, PageSize page,
                       Arena& arena) {
  return describe_in_memory(module, file.segments().headers, bias, page, arena);
}

Status describe_in_memory(Module& module, ProgramHeaders headers, LoadBias bias, PageSize page,
                          Arena& arena) {
  Result<Segments> segments = inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), page);
  if (!segments) return in_object(segments.error(), module);
  module.segments = *segments;
  module.bias = bias;
  module.span = {segments->start + bias, segments->end + bias};
  ImageView image = ImageView::of_memory(module.segments.headers, bias);
  module.features = features_in_memory(module.segments.headers, image);
  return describe_tables(module, image, arena);
}

}  // namespace ldseal
