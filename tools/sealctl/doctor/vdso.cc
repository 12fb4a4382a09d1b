// The vDSO of this process: can ld-seal find out where it ends?
#include <fmt/format.h>
#include <string_view>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/vdso/extents.h"

namespace sealctl::doctor {
namespace {

// Says for each method that works where it has the vDSO end.
std::string ends_of(const vdso::Extents& extents) {
  std::string text;
  for (const vdso::Found* found :
       {&extents.image, &extents.maps, &extents.query, &extents.advice}) {
    if (!found->is_possible) continue;
    text += fmt::format("{}{} ", text.empty() ? "" : ", ", found->method);
    text += found->parts.empty() ? found->doubt : fmt::format("has it end at {:x}", found->end());
  }
  return text;
}

}  // namespace

void check_vdso(Report& report) {
  const vdso::Extents extents = vdso::find_extents();
  if (extents.base == 0) return report.fact("vDSO", "the kernel gives none");
  const bool agree = extents.agree();
  const char* methods =
      extents.query.is_possible ? "PROCMAP_QUERY = maps = madvise" : "maps = madvise";
  report.fact("vDSO",
              fmt::format("{:x}-{:x} ({})", extents.base, extents.maps.end(),
                          agree ? methods : "the methods disagree"),
              agree);
  if (!agree)
    report.add({Weight::kWarns, "vdso-extent", "vDSO", ends_of(extents),
                "report it, with the output of sealctl vdso: ld-seal leaves a vDSO unsealed whose "
                "extents are uncertain"});
}

}  // namespace sealctl::doctor
