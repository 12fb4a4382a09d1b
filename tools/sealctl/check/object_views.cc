// See object_views.h.
#include "tools/sealctl/check/object_views.h"

#include <cerrno>
#include <sys/mman.h>

#include "ldso/image/map_file.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

constexpr size_t kMostViews = 4000;  // each has about four mappings, and the kernel allows 65,530
constexpr uint64_t kLargestSpan = uint64_t{64} << 30;

ObjectViews* the_views = nullptr;

Error cannot_map(int error_number) {
  Error e = fault(Fault::kCannotMap);
  e.error_number = error_number;
  return e;
}

// Zeroes for the whole span, as behind the files of segments, then each file over its pages.
Result<AddressRange> map_to_read(const ElfFile& file, PageSize page) {
  const Segments& segments = file.segments();
  const uint64_t length = segments.end.value - segments.start.value;
  if (length == 0 || length > kLargestSpan) return cannot_map(ENOMEM);
  void* span = mmap(nullptr, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (span == MAP_FAILED) return cannot_map(errno);
  const AddressRange range{Address(span), Address(span) + ByteCount(length)};
  const LoadBias bias = bias_between(range.start, segments.start);
  const Phdr* load = nullptr;
  while ((load = next_load(segments.headers, load)) != nullptr) {
    if (load->p_filesz == 0) continue;
    const Address start = page.down(Vaddr(load->p_vaddr) + bias);
    const Address end = page.up(Vaddr(load->p_vaddr + load->p_filesz) + bias);
    void* placed = mmap(start.as<void>(), (end - start).value, PROT_READ, MAP_PRIVATE | MAP_FIXED,
                        file.file(), static_cast<off_t>(page.down(load->p_offset)));
    if (placed != MAP_FAILED) continue;
    const int error_number = errno;
    munmap(span, length);
    return cannot_map(error_number);
  }
  return range;
}

}  // namespace

ObjectViews::ObjectViews() : arena_(std::make_unique<HeapArena>()) { the_views = this; }

ObjectViews::~ObjectViews() {
  forget();
  the_views = nullptr;
}

ObjectViews* ObjectViews::current() { return the_views; }

void ObjectViews::forget() {
  for (const auto& [start, length] : by_start_) munmap(Address(start).as<void>(), length);
  by_start_.clear();
  views_.clear();
  arena_ = std::make_unique<HeapArena>();
}

void ObjectViews::trim() {
  if (views_.size() > kMostViews) forget();
}

ObjectViews::View ObjectViews::read(const ElfFile& file, PageSize page) {
  View view;
  Result<AddressRange> range = map_to_read(file, page);
  if (!range) return view.error = range.error(), view;
  by_start_[range->start.value] = range->length().value;
  Module& m = view.module;
  const size_t count = file.segments().headers.size();
  Phdr* headers = arena_->make_array<Phdr>(count);
  std::copy_n(file.segments().headers.data(), count, headers);
  m.segments = describe_segments({headers, count}, page);
  m.identity = file.identity();
  m.features = file.features();
  m.span = *range;
  m.bias = bias_between(m.span.start, m.segments.start);
  if (file.header().e_entry != 0) m.entry = Vaddr(file.header().e_entry) + m.bias;
  const ImageView image = ImageView::of_memory(m.segments.headers, m.bias);
  view.error = describe_tables(m, image, *arena_).error();
  return view;
}

Status ObjectViews::describe(Module& module, const ElfFile& file, PageSize page) {
  const Key key{file.identity().device, file.identity().inode};
  auto known = views_.find(key);
  if (known == views_.end()) known = views_.emplace(key, read(file, page)).first;
  const View& view = known->second;
  if (view.error.fault != Fault::kNone) {
    Error e = view.error;
    e.object = module.display_name();
    return e;
  }
  const Module named = module;
  module = view.module;
  module.kind = named.kind;
  module.path = named.path;
  module.file_path = named.file_path;
  module.needed_as = named.needed_as;
  module.needed_by = named.needed_by;
  module.origin = named.origin;
  module.is_running_executable = named.is_running_executable;
  return {};
}

}  // namespace sealctl::check

// What image/graph.cc calls.
ldseal::Status ldseal::map_object(Module& module, const ElfFile& file, PageSize page, Arena&) {
  return sealctl::check::ObjectViews::current()->describe(module, file, page);
}
