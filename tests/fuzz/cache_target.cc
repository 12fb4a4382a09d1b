// Fuzzes /etc/ld.so.cache: the file, and the name that is looked for in it.
//   NAME, NUL, the file. Without a name the look-ups are of what the right cache is asked for.
#include <cstring>
#include <memory>
#include <span>

#include "arch/native.h"
#include "ldso/image/library_cache.h"

namespace ldseal::fuzz {
namespace {

unsigned best_level() { return 4; }

size_t length_of(const char* text) { return text == nullptr ? 0 : std::strlen(text); }

void look_up(const LibraryCache& cache, const char* name) {
  for (int32_t flags : {Native::kCacheFlags, 0}) {
    length_of(cache.find(name, flags, {Native::kHwcapsPrefix, best_level}));
    length_of(cache.find(name, flags, {nullptr, best_level, "a:x86-64-v3:", ""}));
  }
}

// The file in a block of its own, so that its end is known.
void look_up_in(std::span<const unsigned char> file, const char* name) {
  auto copy = std::make_unique<unsigned char[]>(file.size());
  if (!file.empty()) std::memcpy(copy.get(), file.data(), file.size());
  LibraryCache cache(ByteView(copy.get(), file.size()));
  for (const char* known : {name, "libc.so.6", "libm.so.6", "", "libz.so.01"})
    look_up(cache, known);
}

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const auto* end = size == 0 ? nullptr : std::memchr(data, 0, size);
  size_t name =
      end == nullptr ? 0 : static_cast<size_t>(static_cast<const unsigned char*>(end) - data) + 1;
  const char* wanted = name == 0 ? "" : reinterpret_cast<const char*>(data);
  ldseal::fuzz::look_up_in({data, size}, "libc.so.6");
  ldseal::fuzz::look_up_in({data + name, size - name}, wanted);
  return 0;
}
