// See guards.h. PAGEMAP_SCAN is ioctl 16 of /proc/PID/pagemap (linux/fs.h of 6.7 and later).
#include "tools/sealctl/ps/guards.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/ioctl.h>

namespace sealctl::ps {
namespace {

struct PageRegion {
  uint64_t start, end, categories;
};

struct PagemapScan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

constexpr uint64_t kPageIsGuard = 1 << 8;
constexpr unsigned long kPagemapScan = _IOWR('f', 16, PagemapScan);

void find_in(const Descriptor& pagemap, uint64_t start, uint64_t end,
             std::vector<GuardRange>& guards) {
  PageRegion regions[64];
  while (start < end) {
    PagemapScan scan{};
    scan.size = sizeof scan;
    scan.start = start;
    scan.end = end;
    scan.vec = reinterpret_cast<uintptr_t>(regions);
    scan.vec_len = std::size(regions);
    scan.category_mask = scan.return_mask = kPageIsGuard;
    const int found = ioctl(pagemap.number(), kPagemapScan, &scan);
    for (int i = 0; i < found; ++i) guards.push_back({regions[i].start, regions[i].end});
    if (found < 0 || scan.walk_end <= start) break;
    start = scan.walk_end;
  }
}

}  // namespace

std::vector<GuardRange> find_guards(const ProcFolder& process, std::span<const Mapping> mappings) {
  std::vector<GuardRange> guards;
  const Descriptor pagemap(openat(process.number(), "pagemap", O_RDONLY | O_CLOEXEC));
  if (!pagemap) return guards;
  for (const Mapping& m : mappings) {
    if (m.is_writable && !m.has_file && m.name != "[heap]")
      find_in(pagemap, m.start, m.end, guards);
  }
  return guards;
}

std::vector<GuardRange> find_all_guards(const ProcFolder& process,
                                        std::span<const Mapping> mappings) {
  std::vector<GuardRange> guards;
  const Descriptor pagemap(openat(process.number(), "pagemap", O_RDONLY | O_CLOEXEC));
  uint64_t end = 0;
  for (const Mapping& m : mappings) {
    if (m.name != "[vsyscall]") end = m.end;
  }
  if (pagemap && !mappings.empty()) find_in(pagemap, mappings.front().start, end, guards);
  return guards;
}

}  // namespace sealctl::ps
