// See object_views.h.
#include "tools/sealctl/check/object_views.h"

#include <algorithm>
#include <sys/mman.h>

#include "ldso/image/map_file.h"
#include "ldso/link/plt.h"
#include "tools/sealctl/check/object_copy.h"

namespace sealctl::check {
namespace {

using namespace ldseal;

constexpr size_t kMostViews = 4000;
constexpr uint64_t kMostBytesKept = uint64_t{256} << 20;  // in the views that are kept

ObjectViews* the_views = nullptr;

// Does the search for PLT stubs look at code? Only if not all call slots are in RELRO.
bool are_stubs_searched(const Module& object, PageSize page) {
  const CallSlots slots = find_call_slots(object, page);
  return slots.count != slots.count_in_whole_pages;
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
  bytes_ = 0;
  views_.clear();
  arena_ = std::make_unique<HeapArena>();
}

void ObjectViews::trim() {
  if (views_.size() > kMostViews || bytes_ > kMostBytesKept) forget();
}

ObjectViews::View ObjectViews::read(const ElfFile& file, PageSize page) {
  View view;
  ObjectCopy copy(file, page);
  if (Status s = copy.make(); !s) return view.error = s.error(), view;
  Module& m = view.module;
  const size_t count = file.segments().headers.size();
  Phdr* headers = arena_->make_array<Phdr>(count);
  std::copy_n(file.segments().headers.data(), count, headers);
  m.segments = describe_segments({headers, count}, page);
  m.identity = file.identity();
  m.features = file.features();
  m.span = copy.range();
  m.bias = bias_between(m.span.start, m.segments.start);
  if (file.header().e_entry != 0) m.entry = Vaddr(file.header().e_entry) + m.bias;
  const ImageView image = ImageView::of_memory(m.segments.headers, m.bias);
  view.error = describe_tables(m, image, *arena_).error();
  const bool has_failed = view.error.fault != Fault::kNone;
  if (!has_failed && are_stubs_searched(m, page)) view.error = copy.add_stubs(m).error();
  if (Status s = copy.finish(); !s) return view.error = s.error(), view;
  by_start_[m.span.start.value] = m.span.length().value;
  bytes_ += copy.bytes();
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
