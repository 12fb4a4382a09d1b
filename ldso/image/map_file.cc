// One reservation over the whole object, then each PT_LOAD into its place; what no segment covers stays inaccessible.
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

// The file's part of a segment, then the zeroes behind it: the rest of its last page by hand, whole pages by the
// kernel. A segment that cannot be written and ends mid-page is opened for the moment.
Status map_segment(Mapping& mapping, const Phdr& ph, LoadBias bias, int file, PageSize page) {
  int protection = protection_of(ph);
  Address start = page.down(Vaddr(ph.p_vaddr) + bias);
  Address file_end = Vaddr(ph.p_vaddr + ph.p_filesz) + bias;
  Address memory_end = page.up(Vaddr(ph.p_vaddr + ph.p_memsz) + bias);
  Address file_pages_end = ph.p_filesz == 0 ? start : page.up(file_end);
  if (Status s = mapping.place_file({start, file_pages_end}, protection, file,
                                    FileOffset(page.down(ph.p_offset)));
      !s) {
    return s;
  }
  if (Status s = mapping.place_zeroes({file_pages_end, memory_end}, protection); !s) return s;
  if (ph.p_memsz == ph.p_filesz || file_end == file_pages_end || ph.p_filesz == 0) return {};
  AddressRange last{page.down(file_end), file_pages_end};
  bool writable = (ph.p_flags & PF_W) != 0;
  if (Status s = writable ? Status() : change_protection(last, protection | PROT_WRITE); !s) return s;
  __builtin_memset(file_end.as<void>(), 0, (file_pages_end - file_end).value);
  return writable ? Status() : change_protection(last, protection);
}

Result<Mapping> reserve(const Segments& segments, uint16_t type, PageSize page) {
  ByteCount length(segments.end.value - segments.start.value);
  if (type == ET_EXEC) {
    return Mapping::reserve_exactly({Address(segments.start.value), Address(segments.end.value)});
  }
  return Mapping::reserve(length, segments.alignment, page);
}

}  // namespace

OpenObject::OpenObject(OpenObject&& other) noexcept
    : file_(other.file_), status_(other.status_), header_(other.header_), headers_(other.headers_) {
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
    if (static_cast<size_t>(got.value) != size) return in_file(fault(Fault::kProgramHeadersOutside), path);
  }
  headers_ = {headers, header_.e_phnum};
  Result<Segments> checked = inspect_segments(headers_, SegmentSource::kFile, ByteCount(status_.size), page);
  return checked ? Status() : Status(in_file(checked.error(), path));
}

Status map_object(Module& module, const OpenObject& object, PageSize page, Arena& arena) {
  Result<Segments> segments =
      inspect_segments(object.program_headers(), SegmentSource::kFile, ByteCount(object.status().size), page);
  if (!segments) return in_file(segments.error(), module.display_name());
  Result<Mapping> mapping = reserve(*segments, object.header().e_type, page);
  if (!mapping) return in_file(mapping.error(), module.display_name());
  LoadBias bias = bias_between(mapping->range().start, segments->start);
  for (const Phdr& ph : segments->headers) {
    if (ph.p_type != PT_LOAD || ph.p_memsz == 0) continue;
    if (Status s = map_segment(*mapping, ph, bias, object.file(), page); !s) {
      return in_file(s.error(), module.display_name());
    }
  }
  module.identity = object.identity();
  module.segments = *segments;
  module.bias = bias;
  module.span = mapping->range();
  if (object.header().e_entry != 0) module.entry = Vaddr(object.header().e_entry) + bias;
  ImageView image = ImageView::of_memory(module.segments.headers, bias);
  if (Status s = describe_tables(module, image, arena); !s) return s;
  std::move(*mapping).keep_forever();
  return {};
}

Result<Mapping> view_object(Module& module, const OpenObject& object, PageSize page, Arena& arena) {
  Result<Segments> segments =
      inspect_segments(object.program_headers(), SegmentSource::kFile, ByteCount(object.status().size), page);
  if (!segments) return in_file(segments.error(), module.display_name());
  Result<Mapping> view = Mapping::read_file(object.file(), ByteCount(object.status().size));
  if (!view) return in_file(view.error(), module.display_name());
  module.identity = object.identity();
  module.segments = *segments;
  ImageView image = ImageView::of_file(module.segments.headers, view->range().start);
  if (Status s = describe_tables(module, image, arena); !s) return s.error();
  return view;
}

Status describe_in_memory(Module& module, ProgramHeaders headers, LoadBias bias, PageSize page, Arena& arena) {
  Result<Segments> segments = inspect_segments(headers, SegmentSource::kMemory, ByteCount(0), page);
  if (!segments) return in_file(segments.error(), module.display_name());
  module.segments = *segments;
  module.bias = bias;
  module.span = {segments->start + bias, segments->end + bias};
  ImageView image = ImageView::of_memory(module.segments.headers, bias);
  return describe_tables(module, image, arena);
}

}  // namespace ldseal
