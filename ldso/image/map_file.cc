// One reservation over the whole object, then each PT_LOAD into its place; what no segment covers
// is inaccessible.
#include "ldso/image/map_file.h"

#include <asm/errno.h>
#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/elf/header.h"
#include "ldso/mem/guards.h"

namespace ldseal {
namespace {

constinit bool maps_as_libc_does = false;

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
  bool has_base = false;          // the span is already a mapping of the file
  uint64_t distance = 0;          // p_vaddr - p_offset of what it shows
  int protection = PROT_NONE;     // of the base
  Address replaced_end;           // up to here its pages are others, or have another protection
  bool holes_are_guarded = true;  // as far as they can be
};

// One PT_LOAD, and what it becomes in memory.
struct Piece {
  const Phdr& header;
  int protection;
  Address start;       // of its first page
  Address file_end;    // of the file's bytes
  Address memory_end;  // of its last page
  Address reach;       // where the next one begins; its own end for the last
  bool covers_hole;    // its mapping reaches so far
  AddressRange hole() const { return {memory_end, reach}; }
};

Piece piece_of(const Phdr& ph, const Segments& segments, LoadBias bias, PageSize page) {
  const Phdr* next = next_load(segments.headers, &ph);
  Address end = page.up(Vaddr(ph.p_vaddr + ph.p_memsz) + bias);
  Address reach = next == nullptr ? end : page.down(Vaddr(next->p_vaddr) + bias);
  bool covers_hole = reach > end && stays_constant(segments, ph, page) && guards_may_work();
  return {ph,
          protection_of(ph),
          page.down(Vaddr(ph.p_vaddr) + bias),
          Vaddr(ph.p_vaddr + ph.p_filesz) + bias,
          end,
          reach,
          covers_hole};
}

bool are_zeroes(AddressRange range) {
  for (Address at = range.start; at < range.end; at = at + ByteCount(1)) {
    if (*at.as<const unsigned char>() != 0) return false;
  }
  return true;
}

// Zeroes from the end of the file's part to the end of its page. A segment that cannot be written
// is opened for it, unless the file has zeroes there already, as linkers leave them: code may not
// be opened where the kernel refuses memory that is both written and executed.
Status clear_page_end(const Piece& piece, PageSize page) {
  AddressRange last{page.down(piece.file_end), page.up(piece.file_end)};
  AddressRange tail{piece.file_end, last.end};
  bool writable = (piece.protection & PROT_WRITE) != 0;
  bool readable = (piece.protection & PROT_READ) != 0;
  if (!writable && readable && are_zeroes(tail)) return {};
  if (Status s = writable ? Status() : change_protection(last, piece.protection | PROT_WRITE); !s)
    return s;
  __builtin_memset(tail.start.as<void>(), 0, tail.length().value);
  return writable ? Status() : change_protection(last, piece.protection);
}

// Where a whole page of the smallest size lies behind the file's end, as with a file made for small
// pages on a kernel with big ones: QEMU's user mode leaves such a part with the protection of what
// was mapped there before, for system calls only. Saying the protection again settles it. Code is
// left as it is: no system call reads there, and a filter may refuse to make anything executable.
Status settle_beyond_end(AddressRange pages, const Piece& piece, const OpenObject& object,
                         PageSize page) {
  constexpr uint64_t kSmallestPage = uint64_t{1} << 12;
  uint64_t mapped_end = page.up(piece.header.p_offset + piece.header.p_filesz);
  bool is_beyond =
      mapped_end > object.status().size && mapped_end - object.status().size >= kSmallestPage;
  bool is_code = (piece.protection & PROT_EXEC) != 0;
  return is_beyond && !is_code ? change_protection(pages, piece.protection) : Status();
}

// The file's pages from `start` to `end`, which is inside the piece or the hole behind it.
//
// Code is mapped executable and never becomes it: where W^X is enforced (PR_SET_MDWE, systemd's
// MemoryDenyWriteExecute) mprotect(2) must not add PROT_EXEC to what was mapped without.
Status show_file(Canvas& canvas, const Piece& piece, Address start, Address end,
                 const OpenObject& object, PageSize page) {
  if (end <= start) return {};
  bool in_place = canvas.has_base &&
                  canvas.distance == piece.header.p_vaddr - piece.header.p_offset &&
                  start >= canvas.replaced_end;
  FileOffset from(page.down(piece.header.p_offset) + (start - piece.start).value);
  bool is_right_already = in_place && piece.protection == canvas.protection;
  bool becomes_code = (piece.protection & ~canvas.protection & PROT_EXEC) != 0;
  Status placed;
  if (!in_place || becomes_code) {
    placed = canvas.mapping.place_file({start, end}, piece.protection, object.file(), from);
  } else if (!is_right_already) {
    placed = change_protection({start, end}, piece.protection);
  }
  if (!is_right_already) canvas.replaced_end = end;
  if (!placed) return placed;
  return settle_beyond_end({start, end}, piece, object, page);
}

// What no segment covers is inaccessible. Where guards work, the hole is part of the mapping before
// it, so that both can be sealed in one; elsewhere it is a mapping that nobody may touch.
Status close_hole(Canvas& canvas, const Piece& piece) {
  if (piece.hole().empty()) return {};
  if (piece.covers_hole && install_guards(piece.hole())) return {};
  canvas.holes_are_guarded = canvas.holes_are_guarded && !piece.covers_hole;
  bool is_reserved = !piece.covers_hole && !canvas.has_base;
  return is_reserved ? Status() : change_protection(piece.hole(), PROT_NONE);
}

// Zeroes that are sealed with the segment, which must not be for others to fill (mem/mapping.h). Code,
// which no linker leaves to be zeroes, is mapped executable as it is: mprotect(2) must not add that.
Status place_constant_zeroes(Canvas& canvas, const Piece& piece, AddressRange pages,
                             PageSize page) {
  if (pages.empty()) return {};
  if ((piece.protection & PROT_EXEC) != 0)
    return canvas.mapping.place_zeroes(pages, piece.protection);
  if (Status s = canvas.mapping.place_zeroes(pages, PROT_READ | PROT_WRITE); !s) return s;
  touch_zeroes(pages, page);
  return change_protection(pages, piece.protection);
}

// What follows the file's part, whose last page ends at `pages_end`: the rest of that page by hand,
// whole pages by the kernel.
Status add_zeroes(Canvas& canvas, const Piece& piece, Address pages_end, PageSize page) {
  if (piece.header.p_memsz == piece.header.p_filesz) return {};
  canvas.replaced_end = piece.memory_end;
  AddressRange whole_pages{pages_end, piece.memory_end};
  bool is_constant = (piece.protection & PROT_WRITE) == 0;
  Status placed = is_constant ? place_constant_zeroes(canvas, piece, whole_pages, page)
                              : canvas.mapping.place_zeroes(whole_pages, piece.protection);
  if (!placed) return placed;
  bool ends_mid_page = piece.header.p_filesz != 0 && piece.file_end != pages_end;
  return ends_mid_page ? clear_page_end(piece, page) : Status();
}

Status map_constant(Canvas& canvas, const Piece& piece, const OpenObject& object, PageSize page) {
  Address pages_end = piece.header.p_filesz == 0 ? piece.start : page.up(piece.file_end);
  Address end = piece.covers_hole ? piece.reach : pages_end;
  if (Status s = show_file(canvas, piece, piece.start, end, object, page); !s) return s;
  return add_zeroes(canvas, piece, pages_end, page);
}

Status read_whole(int file, AddressRange into, FileOffset from) {
  while (!into.empty()) {
    kernel::Answer got = kernel::read_at(file, into.start.as<void>(), into.length().value, from);
    if (got.failed() || got.value == 0) {
      Error e = fault(Fault::kCannotRead);
      e.error_number = got.failed() ? got.error_number() : EIO;  // shorter than it was
      return e;
    }
    into.start = into.start + ByteCount(static_cast<uint64_t>(got.value));
    from = FileOffset(from.value + static_cast<uint64_t>(got.value));
  }
  return {};
}

// Memory of our own with the file's bytes in it up to `file_end`, zeroes behind them.
Status place_copy(Canvas& canvas, const Piece& piece, AddressRange where, Address file_end,
                  const OpenObject& object, PageSize page) {
  if (Status s = canvas.mapping.place_zeroes(where, piece.protection | PROT_WRITE); !s) return s;
  populate_to_fill({where.start, page.up(file_end)});
  canvas.replaced_end = where.end;
  return read_whole(object.file(), {where.start, file_end},
                    FileOffset(page.down(piece.header.p_offset)));
}

// A whole segment as a copy. Zeroes of RELRO are sealed with it, and are not for others to fill.
Status map_copy(Canvas& canvas, const Piece& piece, const OpenObject& object, AddressRange relro,
                PageSize page) {
  Address end = piece.covers_hole ? piece.reach : piece.memory_end;
  Address file_end = piece.header.p_filesz == 0 ? piece.start : piece.file_end;
  if (Status s = place_copy(canvas, piece, {piece.start, end}, file_end, object, page); !s)
    return s;
  Address zeroes = page.up(file_end);
  touch_zeroes({relro.start < zeroes ? zeroes : relro.start,
                relro.end < piece.memory_end ? relro.end : piece.memory_end},
               page);
  return {};
}

// How much of a segment that is written is a copy. What will be read-only after relocation must be:
// a private mapping of the file, even a sealed one, can be made to show the file's bytes again
// (madvise(2), MADV_DONTNEED), and memory without a file cannot. A few pages more are copied with it,
// which costs less than a mapping of their own; many are left to the file.
Address end_of_copy(const Piece& piece, Address pages_end, AddressRange relro, PageSize page) {
  if (maps_as_libc_does) return piece.start;
  constexpr uint64_t kFewPages = 16;
  if ((pages_end - piece.start).value <= kFewPages * page.value) return pages_end;
  if (relro.empty() || relro.end <= piece.start) return piece.start;
  return relro.end < pages_end ? relro.end : pages_end;
}

Status map_variable(Canvas& canvas, const Piece& piece, const OpenObject& object, PageSize page) {
  const Phdr& ph = piece.header;
  Address pages_end = ph.p_filesz == 0 ? piece.start : page.up(piece.file_end);
  AddressRange relro = relro_pages(object.segments(), canvas.bias, page);
  Address copy_end = end_of_copy(piece, pages_end, relro, page);
  if (copy_end == pages_end) return map_copy(canvas, piece, object, relro, page);
  if (copy_end > piece.start) {
    if (Status s = place_copy(canvas, piece, {piece.start, copy_end}, copy_end, object, page); !s)
      return s;
  }
  if (Status s = show_file(canvas, piece, copy_end, pages_end, object, page); !s) return s;
  return add_zeroes(canvas, piece, pages_end, page);
}

Status map_segments(Canvas& canvas, const OpenObject& object, PageSize page) {
  const Segments& segments = object.segments();
  const Phdr* ph = nullptr;
  while ((ph = next_load(segments.headers, ph)) != nullptr) {
    Piece piece = piece_of(*ph, segments, canvas.bias, page);
    bool is_variable = (ph->p_flags & PF_W) != 0;
    Status s = is_variable ? map_variable(canvas, piece, object, page)
                           : map_constant(canvas, piece, object, page);
    if (!s) return s;
    if (Status closed = close_hole(canvas, piece); !closed) return closed;
  }
  return {};
}

Result<Canvas> prepare_canvas(const Segments& segments, const OpenObject& object, PageSize page) {
  ByteCount length(segments.end.value - segments.start.value);
  const Phdr* first = next_load(segments.headers, nullptr);
  Canvas canvas;
  canvas.has_base = !maps_as_libc_does && object.header().e_type == ET_DYN &&
                    segments.alignment == page.value && first->p_filesz != 0;
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

void map_as_libc_does() { maps_as_libc_does = true; }

Status map_object(Module& module, const OpenObject& object, PageSize page, Arena& arena) {
  Result<Canvas> canvas = prepare_canvas(object.segments(), object, page);
  if (!canvas) return in_file(canvas.error(), module.display_name());
  if (Status s = map_segments(*canvas, object, page); !s)
    return in_file(s.error(), module.display_name());
  module.holes_are_guarded = canvas->holes_are_guarded && guards_may_work();
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
