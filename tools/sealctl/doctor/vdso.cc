// The vDSO of this process, by each method that ld-seal uses (ldso/seal/system_mappings.h).
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/doctor/procmap_query.h"
#include "tools/sealctl/ps/smaps.h"

namespace sealctl::doctor {
namespace {

using ps::Mapping;

struct Extent {
  uint64_t start = 0;
  uint64_t end = 0;
  bool operator==(const Extent&) const = default;
};

constexpr size_t kMost = size_t{64} << 20;

Extent by_maps(uint64_t base) {
  const std::string text = read_file(AT_FDCWD, "/proc/self/maps", kMost).value_or("");
  for (const Mapping& m : ps::parse_smaps(text)) {
    if (m.start == base) return {m.start, m.end};
  }
  return {};
}

Extent by_query(uint64_t base) {
  const auto mapping = query_mapping(base);
  return mapping ? Extent{mapping->start, mapping->end} : Extent{};
}

// madvise(MADV_DODUMP) answers EINVAL on the kernel's special mappings and on nothing else.
bool is_special(uint64_t page, uint64_t size) {
  return madvise(reinterpret_cast<void*>(page), size, MADV_DODUMP) != 0 && errno == EINVAL;
}

Extent by_madvise(uint64_t base) {
  constexpr uint64_t kMostPages = 64;
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  uint64_t end = base;
  while (end < base + kMostPages * page && is_special(end, page)) end += page;
  return {base, end};
}

}  // namespace

void check_vdso(Report& report) {
  const uint64_t base = getauxval(AT_SYSINFO_EHDR);
  if (base == 0) return report.fact("vDSO", "the kernel gives none");
  const Extent maps = by_maps(base), query = by_query(base), madvise = by_madvise(base);
  const bool has_query = query.end != 0;
  const bool agree = maps == madvise && (!has_query || query == maps);
  const char* methods = has_query ? "PROCMAP_QUERY = maps = madvise" : "maps = madvise";
  report.fact(
      "vDSO",
      fmt::format("{:x}-{:x} ({})", maps.start, maps.end, agree ? methods : "the methods disagree"),
      agree);
  if (!agree)
    report.add({Weight::kWarns, "vdso-extent", "vDSO",
                fmt::format("maps has it end at {:x}, PROCMAP_QUERY at {:x}, madvise at {:x}",
                            maps.end, query.end, madvise.end),
                "report it: ld-seal leaves a vDSO unsealed whose extents are uncertain"});
}

}  // namespace sealctl::doctor
