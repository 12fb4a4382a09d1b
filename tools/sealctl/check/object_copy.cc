// See object_copy.h. A table without a size ends at the latest where the next one begins.
#include "tools/sealctl/check/object_copy.h"

#include <algorithm>
#include <cerrno>
#include <sys/mman.h>
#include <vector>

#include "tools/sealctl/files.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

constexpr uint64_t kLargestSpan = uint64_t{64} << 30;
constexpr uint64_t kMostBytesOfFile = uint64_t{4} << 30;
constexpr uint64_t kShortSegment = uint64_t{64} << 10;  // takes as long as its parts

Error error_of(Fault f, int error_number) {
  Error e = fault(f);
  e.error_number = error_number;
  return e;
}

struct TableTag {
  int64_t start;
  int64_t size;  // DT_NULL: none
};
constexpr TableTag kTables[] = {
    {DT_STRTAB, DT_STRSZ},    {DT_SYMTAB, DT_NULL}, {DT_HASH, DT_NULL},    {DT_GNU_HASH, DT_NULL},
    {DT_VERSYM, DT_NULL},     {DT_VERDEF, DT_NULL}, {DT_VERNEED, DT_NULL}, {DT_RELA, DT_RELASZ},
    {DT_JMPREL, DT_PLTRELSZ}, {DT_RELR, DT_RELRSZ},
};

struct Part {
  uint64_t start;
  uint64_t end;
};

// Of several entries the last counts, as for the loader.
uint64_t value_of(std::span<const Dyn> entries, int64_t tag) {
  uint64_t value = 0;
  for (const Dyn& entry : entries) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == tag) value = entry.d_un.d_val;
  }
  return value;
}

// Neighbours as one: they are read together. The parts are in order.
std::vector<Part> joined(const std::vector<Part>& parts) {
  std::vector<Part> out;
  for (const Part& part : parts) {
    if (!out.empty() && part.start <= out.back().end) {
      out.back().end = std::max(out.back().end, part.end);
    } else {
      out.push_back(part);
    }
  }
  return out;
}

std::vector<Part> tables_of(std::span<const Dyn> entries) {
  std::vector<Part> parts;
  for (const TableTag& table : kTables) {
    const uint64_t start = value_of(entries, table.start);
    const uint64_t size = table.size == DT_NULL ? 0 : value_of(entries, table.size);
    const bool fits = size < UINT64_MAX - start;
    if (start != 0) parts.push_back({start, size == 0 || !fits ? UINT64_MAX : start + size});
  }
  std::ranges::sort(parts, {}, &Part::start);
  for (size_t i = 0; i + 1 < parts.size(); ++i)
    if (parts[i].end == UINT64_MAX) parts[i].end = parts[i + 1].start;
  return joined(parts);
}

}  // namespace

Status ObjectCopy::make() {
  const Segments& segments = file_.segments();
  const uint64_t length = segments.end.value - segments.start.value;
  if (length == 0 || length > kLargestSpan) return error_of(Fault::kCannotMap, ENOMEM);
  void* span = mmap(nullptr, length, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (span == MAP_FAILED) return error_of(Fault::kCannotMap, errno);
  range_ = {Address(span), Address(span) + ByteCount(length)};
  bias_ = bias_between(range_.start, segments.start);
  Status copied = copy_parts();
  if (!copied) discard();
  return copied;
}

Status ObjectCopy::copy_parts() {
  for (const Phdr& header : file_.segments().headers) {
    const bool is_short = header.p_type == PT_LOAD && header.p_filesz <= kShortSegment;
    const bool is_read = header.p_type == PT_NOTE || header.p_type == PT_INTERP ||
                         header.p_type == PT_DYNAMIC || header.p_type == PT_GNU_PROPERTY;
    const bool fits = header.p_filesz <= UINT64_MAX - header.p_vaddr;
    if ((!is_short && !is_read) || !fits) continue;
    if (Status s = copy(header.p_vaddr, header.p_vaddr + header.p_filesz); !s) return s;
  }
  return copy_tables();
}

Status ObjectCopy::copy_tables() {
  const Phdr* section = file_.segments().dynamic;
  if (section == nullptr) return {};
  const ImageView image = ImageView::of_memory(file_.segments().headers, bias_);
  const Dyn* entries = image.at<const Dyn>(Vaddr(section->p_vaddr), ByteCount(section->p_filesz));
  if (entries == nullptr) return {};
  for (const Part& part : tables_of({entries, section->p_filesz / sizeof(Dyn)})) {
    if (Status s = copy(part.start, part.end); !s) return s;
  }
  return {};
}

Status ObjectCopy::add_stubs(const Module& object) {
  constexpr uint64_t kForEntry = 80, kMore = uint64_t{64} << 10;  // more than link/plt.cc goes
  const std::span<const Rela> slots = object.tables.plt;
  const uint64_t length = slots.size() * kForEntry + kMore;
  const uint64_t behind = (Address(slots.data() + slots.size()) - bias_).value;
  const Phdr* load = nullptr;
  while ((load = next_load(file_.segments().headers, load)) != nullptr) {
    if ((load->p_flags & PF_X) == 0) continue;
    const uint64_t start = load->p_vaddr, end = load->p_vaddr + load->p_filesz;
    const uint64_t last = end - std::min(length, load->p_filesz);
    for (const uint64_t from : {start, std::clamp(behind, start, end), last}) {
      const uint64_t to = from + std::min(length, end - from);
      if (Status s = from == to ? Status() : copy_of_segment(*load, from, to); !s) return s;
    }
  }
  return {};
}

Status ObjectCopy::finish() {
  const size_t length = range_.length().value;
  if (mprotect(range_.start.as<void>(), length, PROT_READ) == 0) return {};
  const Error e = error_of(Fault::kCannotMap, errno);
  discard();
  return e;
}

void ObjectCopy::discard() { munmap(range_.start.as<void>(), range_.length().value); }

// What lies in segments, between these addresses of the file.
Status ObjectCopy::copy(uint64_t start, uint64_t end) {
  const Phdr* load = nullptr;
  while ((load = next_load(file_.segments().headers, load)) != nullptr) {
    const uint64_t from = std::max(start, load->p_vaddr);
    const uint64_t to = std::min(end, load->p_vaddr + load->p_filesz);
    if (from >= to) continue;
    if (Status s = copy_of_segment(*load, from, to); !s) return s;
  }
  return {};
}

// Whole pages, as a mapping has them. Behind the end of the file there are zeroes.
Status ObjectCopy::copy_of_segment(const Phdr& load, uint64_t start, uint64_t end) {
  const uint64_t first = page_.down(start), length = page_.up(end) - first;
  const uint64_t offset = page_.down(load.p_offset) + (first - page_.down(load.p_vaddr));
  bytes_ += length;
  if (bytes_ > kMostBytesOfFile) return error_of(Fault::kCannotRead, EFBIG);
  const auto got = read_part(file_.file(), (Vaddr(first) + bias_).as<void>(), length, offset);
  if (!got) return error_of(Fault::kCannotRead, errno);
  const bool has_become_shorter = *got < end - first;
  return has_become_shorter ? error_of(Fault::kCannotRead, EIO) : Status();
}

}  // namespace sealctl::check
