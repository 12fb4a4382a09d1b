// See preload_file.h. A comment goes from '#' to the end of the line; the text ends at a NUL.
#include "ldso/image/preload_file.h"

#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr const char* kPreloadFile = "/etc/ld.so.preload";
constexpr uint64_t kLongestFile = uint64_t{1} << 20;  // a longer one is read so far

// glibc looks for the next comment from the start of the text again, in as many bytes as it has not
// looked through: a later comment may be taken for names, and is so here, too.
void blank_comments(char* text, size_t size) {
  size_t rest = size;
  while (rest > 0) {
    auto* comment = static_cast<char*>(__builtin_memchr(text, '#', rest));
    if (comment == nullptr) return;
    rest -= static_cast<size_t>(comment - text);
    do {
      *comment = ' ';
    } while (--rest > 0 && *++comment != '\n');
  }
}

const char* read_list(int file, Arena& arena) {
  kernel::FileStatus status;
  if (kernel::status_of(file, status).failed() || status.size == 0) return nullptr;
  size_t size = status.size < kLongestFile ? status.size : kLongestFile;
  char* text = arena.make_zeroed_array<char>(size + 1);
  if (kernel::read_at(file, text, size, FileOffset(0)).failed()) return nullptr;
  blank_comments(text, size);
  return text;
}

}  // namespace

const char* read_preload_file(Arena& arena) {
  kernel::Answer opened = kernel::open_read_only(kPreloadFile);
  if (opened.failed()) return nullptr;
  int file = static_cast<int>(opened.value);
  const char* list = read_list(file, arena);
  kernel::close(file);
  return list;
}

}  // namespace ldseal
