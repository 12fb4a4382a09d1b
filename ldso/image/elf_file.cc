// See elf_file.h.
#include "ldso/image/elf_file.h"

#include <asm/errno.h>

#include "arch/native.h"
#include "ldso/elf/header.h"
#include "ldso/elf/notes.h"

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

}  // namespace

ElfFile::ElfFile(ElfFile&& other) noexcept
    : file_(other.file_),
      status_(other.status_),
      header_(other.header_),
      segments_(other.segments_),
      features_(other.features_) {
  other.file_ = -1;
}

ElfFile::~ElfFile() { close(); }

void ElfFile::close() {
  if (file_ >= 0) kernel::close(file_);
  file_ = -1;
}

Status ElfFile::reopen(const char* path) {
  kernel::Answer opened = kernel::open_read_only(path);
  if (opened.failed()) return kernel_refused(Fault::kCannotOpen, path, opened);
  file_ = static_cast<int>(opened.value);
  kernel::FileStatus now;
  kernel::Answer known = kernel::status_of(file_, now);
  if (known.failed()) return kernel_refused(Fault::kCannotStat, path, known);
  bool is_same =
      now.device == status_.device && now.inode == status_.inode && now.size == status_.size;
  return is_same ? Status() : kernel_refused(Fault::kCannotOpen, path, {-ESTALE});
}

Result<ElfFile> ElfFile::open(const char* path, PageSize page, Arena& arena) {
  kernel::Answer opened = kernel::open_read_only(path);
  if (opened.failed()) return kernel_refused(Fault::kCannotOpen, path, opened);
  ElfFile opened_file(static_cast<int>(opened.value));
  kernel::Answer known = kernel::status_of(opened_file.file_, opened_file.status_);
  if (known.failed()) return kernel_refused(Fault::kCannotStat, path, known);
  if (opened_file.status_.is_directory()) return in_file(fault(Fault::kIsDirectory), path);
  if (!opened_file.status_.is_regular()) return in_file(fault(Fault::kNotRegular), path);
  if (Status s = opened_file.read_headers(path, page, arena); !s) return s.error();
  return opened_file;
}

Status ElfFile::read_headers(const char* path, PageSize page, Arena& arena) {
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
  features_ = find_features(bytes);
  return {};
}

// `start` is the beginning of the file, where linkers put the property. Longer ones than `kLongest`
// do not count.
uint32_t ElfFile::find_features(ByteView start) const {
  const Phdr* segment = find_feature_segment(segments_.headers, Native::kNotesHaveFeatures);
  if (segment == nullptr) return 0;
  FileOffset from(segment->p_offset);
  ByteCount size(segment->p_filesz);
  if (std::optional<ByteView> there = start.part(from, size))
    return read_features(*there, Native::kFeatures);
  constexpr size_t kLongest = 512;
  alignas(8) unsigned char bytes[kLongest];
  if (size.value > sizeof bytes) return 0;
  kernel::Answer got = kernel::read_at(file_, bytes, size.value, from);
  if (got.failed()) return 0;
  return read_features({bytes, static_cast<size_t>(got.value)}, Native::kFeatures);
}

bool ElfFile::has_dynamic_entry(int64_t tag) const {
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

}  // namespace ldseal
