// One reservation over the whole object, then each PT_LOAD into its place; what no segment covers
// stays inaccessible.
#include "ldso/image/map_file.h"

#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/elf/header.h"

namespace ldseal {
namespace {

Error in_file(Error error, const char* path) {
  error.object = path;
  return error;
}

Error kernel_refused(Fault f, const char* path, kernel::Answer answer) {
  Error e = fault(f);
  e.object = path;
  e.error_number = answer.error_number();
  return e;
}

int protection_of(const Phdr& ph) {
  return ((ph.p_flags & PF_R) != 0 ? PROT_READ : 0) | ((ph.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
         ((ph.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

// The object's address space while it is filled. Where it can, one mapping of the file over the
// whole span puts the first segment and every other that has the same distance between file and
// memory in place at once.
struct Canvas {
  Mapping mapping;
  LoadBias bias;
  bool has_base = false;  // the span is already a mapping of the file
  uint64_t distance = 0;  // p_vaddr - p_offset of what it shows
  int protection = PROT_NONE;
  Address zeroed_end;  // up to here the file no longer shows through
};

// Zeroes from the end of the file's part to the end of its page. A segment that cannot be written
// is opened for it.
Status clear_page_end(const Phdr& ph, Address file_end, PageSize page) {
  AddressRange last{page.down(file_end), page.up(file_end)};
  bool writable = (ph.p_flags & PF_W) != 0;
  int protection = protection_of(ph);
  if (Status s = writable ? Status() : change_protection(last, protection | PROT_WRITE); !s)
    return s;
  __builtin_memset(file_end.as<void>(), 0, (last.end - file_end).value);
  return writable ? Status() : change_protection(last, protection);
}

// Where a whole page of the smallest size lies behind the file's end, as with a file made for small
// pages on a kernel with big ones: QEMU's user mode leaves such a part with the protection of what
// was mapped there before, for system calls only. Saying the protection again settles it.
Status settle_beyond_end(AddressRange pages, int protection, const Phdr& ph,
                         const OpenObject& object, PageSize page) {
  constexpr uint64_t kSmallestPage = uint64_t{1} << 12;
  uint64_t mapped_end = page.up(ph.p_offset + ph.p_filesz);
  bool is_beyond =
      mapped_end > object.status().size && mapped_end - object.status().size >= kSmallestPage;
  return is_beyond ? change_protection(pages, protection) : Status();
}

// The file's part of a segment, then the zeroes behind it: the rest of its last page by hand, whole
// pages by the kernel.
Status map_segment(Canvas& canvas, const Phdr& ph, const OpenObject& object, PageSize page) {
  int protection = protection_of(ph);
  Address start = page.down(Vaddr(ph.p_vaddr) + canvas.bias);
  Address file_end = Vaddr(ph.p_vaddr + ph.p_filesz) + canvas.bias;
  Address memory_end = page.up(Vaddr(ph.p_vaddr + ph.p_memsz) + canvas.bias);
  Address pages_end = ph.p_filesz == 0 ? start : page.up(file_end);
  bool in_place =
      canvas.has_base && canvas.distance == ph.p_vaddr - ph.p_offset && start >= canvas.zeroed_end;
  Status placed;
  if (!in_place) {
    placed = canvas.mapping.place_file({start, pages_end}, protection, object.file(),
                                       FileOffset(page.down(ph.p_offset)));
  } else if (protection != canvas.protection) {
    placed = change_protection({start, pages_end}, protection);
  }
  if (!placed) return placed;
  if (Status s = settle_beyond_end({start, pages_end}, protection, ph, object, page); !s) return s;
  if (Status s = canvas.mapping.place_zeroes({pages_end, memory_end}, protection); !s) return s;
  if (ph.p_memsz > ph.p_filesz) canvas.zeroed_end = memory_end;
  bool ends_mid_page = ph.p_memsz > ph.p_filesz && ph.p_filesz != 0 && file_end != pages_end;
  return ends_mid_page ? clear_page_end(ph, file_end, page) : Status();
}

// What no segment covers is inaccessible.
Status close_holes(const Canvas& canvas, ProgramHeaders headers, PageSize page) {
  if (!canvas.has_base) return {};
  Address covered = canvas.mapping.range().start;
  for (const Phdr& ph : headers) {
    if (ph.p_type != PT_LOAD || ph.p_memsz == 0) continue;
    Address start = page.down(Vaddr(ph.p_vaddr) + canvas.bias);
    if (start > covered) {
      if (Status s = change_protection({covered, start}, PROT_NONE); !s) return s;
    }
    covered = page.up(Vaddr(ph.p_vaddr + ph.p_memsz) + canvas.bias);
  }
  return {};
}

Result<Canvas> prepare_canvas(const Segments& segments, const OpenObject& object, PageSize page) {
  ByteCount length(segments.end.value - segments.start.value);
  const Phdr* first = nullptr;
  for (const Phdr& ph : segments.headers) {
    if (ph.p_type == PT_LOAD && ph.p_memsz != 0 && first == nullptr) first = &ph;
  }
  Canvas canvas;
  canvas.has_base =
      object.header().e_type == ET_DYN && segments.alignment == page.value && first->p_filesz != 0;
  if (canvas.has_base) {
    canvas.distance = first->p_vaddr - first->p_offset;
    canvas.protection = protection_of(*first);
    Result<Mapping> mapping = Mapping::of_file(length, canvas.protection, object.file(),
                                               FileOffset(page.down(first->p_offset)));
    if (!mapping) return mapping.error();
    canvas.mapping = std::move(*mapping);
  } else {
    Result<Mapping> mapping =
        object.header().e_type == ET_EXEC
            ? Mapping::reserve_exactly({Address(segments.start.value), Address(segments.end.value)})
            : Mapping::reserve(length, segments.alignment, page);
    if (!mapping) return mapping.error();
    canvas.mapping = std::move(*mapping);
  }
  canvas.bias = bias_between(canvas.mapping.range().start, segments.start);
  return canvas;
}

}  // namespace

OpenObject::OpenObject(OpenObject&& other) noexcept
    : file_(other.file_),
      status_(other.status_),
      header_(other.header_),
      segments_(other.segments_) {
  other.file_ = -1;
}

OpenObject::~OpenObject() {
  if (file_ >= 0) kernel::close(file_);
}

Result<OpenObject> OpenObject::open(const char* path, PageSize page, Arena& arena) {
  kernel::Answer opened = kernel::open_read_only(path);
  if (opened.failed()) return kernel_refused(Fault::kCannotOpen, path, opened);
  OpenObject object(static_cast<int>(opened.value));
  kernel::Answer known = kernel::status_of(object.file_, object.status_);
  if (known.failed()) return kernel_refused(Fault::kCannotStat, path, known);
  if (object.status_.is_directory()) return in_file(fault(Fault::kIsDirectory), path);
  if (!object.status_.is_regular()) return in_file(fault(Fault::kNotRegular), path);
  if (Status s = object.read_headers(path, page, arena); !s) return s.error();
  return object;
}

Status OpenObject::read_headers(const char* path, PageSize page, Arena& arena) {
  constexpr size_t kEnoughForMost = 1024;
  alignas(16) unsigned char start[kEnoughForMost];
  kernel::Answer got = kernel::read_at(file_, start, sizeof start, FileOffset(0));
  if (got.failed()) return kernel_refused(Fault::kCannotRead, path, got);
  ByteView bytes(start, static_cast<size_t>(got.value));
  Result<Ehdr> header = read_header(bytes, ByteCount(status_.size), Native::kMachine);
  if (!header) return in_file(header.error(), path);
  header_ = *header;
  auto* headers = arena.make_array<Phdr>(header_.e_phnum);
  size_t size = header_.e_phnum * sizeof(Phdr);
  if (std::optional<ByteView> table = bytes.part(FileOffset(header_.e_phoff), ByteCount(size))) {
    __builtin_memcpy(headers, table->data(), size);
  } else {
    got = kernel::read_at(file_, headers, size, FileOffset(header_.e_phoff));
    if (got.failed()) return kernel_refused(Fault::kCannotRead, path, got);
    if (static_cast<size_t>(got.value) != size)
      return in_file(fault(Fault::kProgramHeadersOutside), path);
  }
  ProgramHeaders table(headers, header_.e_phnum);
  Result<Segments> segments =
      inspect_segments(table, SegmentSource::kFile, ByteCount(status_.size), page);
  if (!segments) return in_file(segments.error(), path);
  segments_ = *segments;
  return {};
}

bool OpenObject::has_dynamic_entry(int64_t tag) const {
  const Phdr* section = segments_.dynamic;
  if (section == nullptr) return false;
  constexpr size_t kAtOnce = 32;
  Dyn entries[kAtOnce];
  uint64_t from = section->p_offset, left = section->p_filesz / sizeof(Dyn);
  while (left > 0) {
    kernel::Answer got = kernel::read_at(file_, entries, sizeof entries, FileOffset(from));
    size_t count = got.failed() ? 0 : static_cast<size_t>(got.value) / sizeof(Dyn);
    for (size_t i = 0; i < count && left > 0; ++i, --left) {
      if (entries[i].d_tag == tag) return true;
      if (entries[i].d_tag == DT_NULL) return false;
    }
    if (count < kAtOnce) return false;
    from += sizeof entries;
  }
  return false;
}

Status map_object(Module& module, const OpenObject& object, PageSize page, Arena& arena) {
  Result<Canvas> canvas = prepare_canvas(object.segments(), object, page);
  if (!canvas) return in_file(canvas.error(), module.display_name());
  for (const Phdr& ph : object.segments().headers) {
    if (ph.p_type != PT_LOAD || ph.p_memsz == 0) continue;
    if (Status s = map_segment(*canvas, ph, object, page); !s) {
      return in_file(s.error(), module.display_name());
    }
  }
  if (Status s = close_holes(*canvas, object.segments().headers, page); !s)
    return in_file(s.error(), module.display_name());
  module.identity = object.identity();
  module.segments = object.segments();
  module.bias = canvas->bias;
  module.span = canvas->mapping.range();
  if (object.header().e_entry != 0) module.entry = Vaddr(object.header().e_entry) + module.bias;
  ImageView image = ImageView::of_memory(module.segments.headers, module.bias);
  if (Status s = describe_tables(module, image, arena); !s) return s;
  std::move(canvas->mapping).keep_forever();
  return {};
}

Result<Mapping> view_object(Module& module, const OpenObject& object, Arena& arena) {
  Result<Mapping> view = Mapping::read_file(object.file(), ByteCount(object.status().size));
  if (!view) return in_file(view.error(), module.display_name());
  module.identity = object.identity();
  module.segments = object.segments();
  ImageView image = ImageView::of_file(module.segments.headers, view->range().start);
  if (Status s = describe_tables(module, image, arena); !s) return s.error();
  return view;
}

Status describe_mapped(Module& module, const OpenObject& object, LoadBias bias, PageSize page,
                       Arena& arena) {
  return describe_in_memory(module, object.segments().headers, bias, page, arena);
}

Status describe_in_memory(Module& module, ProgramHeaders headers, LoadBias bias, PageSize page,
                          Arena& arena) {
  Result<Segments> segments = inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), page);
  if (!segments) return in_file(segments.error(), module.display_name());
  module.segments = *segments;
  module.bias = bias;
  module.span = {segments->start + bias, segments->end + bias};
  ImageView image = ImageView::of_memory(module.segments.headers, bias);
  return describe_tables(module, image, arena);
}

}  // namespace ldseal
