// The entries are in descending order. The comparison treats runs of digits as numbers
// (_dl_cache_libcmp in glibc's dl-cache.c). Entries with equal names are neighbours, one for each
// architecture and hwcaps directory.
#include "ldso/image/library_cache.h"

#include "ldso/base/text.h"

namespace ldseal {
namespace {

struct CacheHeader {
  char magic[17];   // "glibc-ld.so.cache"
  char version[3];  // "1.1"
  uint32_t entry_count;
  uint32_t string_bytes;
  uint8_t flags;
  uint8_t padding[3];
  uint32_t extension_offset;
  uint32_t unused[3];
};
static_assert(sizeof(CacheHeader) == 48);

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr uint32_t kExtensionMagic = 0xeaa42174;
constexpr uint32_t kHwcapsSection = 1;
constexpr uint64_t kHwcapIsExtension = uint64_t{1} << 62;

struct ExtensionSection {
  uint32_t tag;
  uint32_t flags;
  uint32_t offset;
  uint32_t size;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

uint64_t take_number(const char*& text) {
  uint64_t value = 0;
  while (is_digit(*text)) value = value * 10 + static_cast<uint64_t>(*text++ - '0');
  return value;
}

int compare_names(const char* a, const char* b) {
  while (*a != '\0') {
    if (is_digit(*a) && is_digit(*b)) {
      uint64_t left = take_number(a), right = take_number(b);
      if (left != right) return left < right ? -1 : 1;
    } else if (is_digit(*a) || is_digit(*b)) {
      return is_digit(*a) ? 1 : -1;
    } else if (*a != *b) {
      return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
    } else {
      ++a, ++b;
    }
  }
  return -static_cast<int>(static_cast<unsigned char>(*b));
}

}  // namespace

LibraryCache::LibraryCache(ByteView file) : file_(file) {
  std::optional<CacheHeader> header = file.read<CacheHeader>(FileOffset(0));
  if (!header ||
      std::string_view(reinterpret_cast<const char*>(file.data()), kMagic.size()) != kMagic)
    return;
  if (file.data()[file.size() - 1] != '\0' && header->extension_offset == 0) return;
  if (!range_fits(sizeof(CacheHeader), uint64_t{header->entry_count} * sizeof(Entry), file.size()))
    return;
  count_ = header->entry_count;
  if (header->extension_offset != 0) find_hwcaps_names(header->extension_offset);
}

void LibraryCache::find_hwcaps_names(uint32_t extension_offset) {
  std::optional<uint32_t> magic = file_.read<uint32_t>(FileOffset(extension_offset));
  std::optional<uint32_t> count = file_.read<uint32_t>(FileOffset(uint64_t{extension_offset} + 4));
  if (!magic || *magic != kExtensionMagic || !count) return;
  for (uint64_t i = 0; i < *count; ++i) {
    auto section = file_.read<ExtensionSection>(
        FileOffset(extension_offset + 8 + i * sizeof(ExtensionSection)));
    if (!section) return;
    if (section->tag != kHwcapsSection || !range_fits(section->offset, section->size, file_.size()))
      continue;
    hwcaps_names_ = FileOffset(section->offset);
    hwcaps_count_ = section->size / 4;
  }
}

LibraryCache::Entry LibraryCache::entry(uint32_t index) const {
  return file_.read<Entry>(FileOffset(sizeof(CacheHeader) + uint64_t{index} * sizeof(Entry)))
      .value_or(Entry{});
}

// Returns the string at `offset`; null if it does not end inside the file.
const char* LibraryCache::text(uint32_t offset) const {
  for (size_t at = offset; at < file_.size(); ++at) {
    if (file_.data()[at] == '\0') return reinterpret_cast<const char*>(file_.data()) + offset;
  }
  return "";
}

const char* LibraryCache::hwcaps_name(uint32_t index) const {
  if (index >= hwcaps_count_) return "";
  return text(file_.read<uint32_t>(FileOffset(hwcaps_names_.value + uint64_t{index} * 4))
                  .value_or(UINT32_MAX));
}

const char* LibraryCache::find(const char* name, int32_t flags, const Hwcaps& hwcaps) const {
  uint32_t low = 0, high = count_;
  while (low < high) {  // finds the first entry that is not greater than `name`
    uint32_t middle = low + (high - low) / 2;
    if (compare_names(text(entry(middle).key), name) > 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const char* best = nullptr;
  unsigned best_worth = 0;
  for (; low < count_; ++low) {
    Entry e = entry(low);
    if (compare_names(text(e.key), name) != 0) break;
    if (e.flags != flags) continue;
    bool extended = (e.hwcap >> 32) == (kHwcapIsExtension >> 32);
    if (!extended && e.hwcap != 0) continue;  // an entry for the hwcaps of glibc before 2.33
    unsigned worth = extended ? hwcaps.worth(hwcaps_name(static_cast<uint32_t>(e.hwcap)))
                              : Hwcaps::kWithoutSubdirectory;
    if (worth <= best_worth) continue;
    best = text(e.value);
    best_worth = worth;
  }
  return best;
}

}  // namespace ldseal
