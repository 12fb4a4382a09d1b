// See extents.h.
#include "tools/sealctl/vdso/extents.h"

#include <array>
#include <sys/auxv.h>
#include <unistd.h>

#include "arch/native.h"
#include "ldso/elf/image_extent.h"
#include "ldso/seal/system_mappings.h"
#include "ldso/words/seal_text.h"
#include "tools/sealctl/check/kernel_in_root.h"

namespace sealctl::vdso {
namespace {

using ldseal::Address;
using ldseal::ByteCount;
using ldseal::PageSize;
using ldseal::SystemMappings;
using ldseal::SystemMappingsDoubt;
using ldseal::SystemMappingsMethod;

// The loader's sources read /proc of the running system as long as this lives.
class SeesRunningSystem {
 public:
  SeesRunningSystem() : root_("/") { check::let_loader_see(&root_); }
  ~SeesRunningSystem() { check::let_loader_see(nullptr); }
  SeesRunningSystem(const SeesRunningSystem&) = delete;
  SeesRunningSystem& operator=(const SeesRunningSystem&) = delete;

 private:
  doctor::Root root_;
};

std::string text_of(SystemMappingsDoubt doubt) {
  return ldseal::text_of_doubt(static_cast<uint64_t>(doubt));
}

Found found_by(std::string_view method, const SystemMappings& mappings) {
  Found found{.method = method};
  if (mappings.doubt != SystemMappingsDoubt::kNone) {
    found.doubt = text_of(mappings.doubt);
    found.is_possible = mappings.doubt != SystemMappingsDoubt::kNoMethod;
    if (!found.is_possible) found.doubt = "does not work here";
    return found;
  }
  for (const ldseal::SystemMapping& m : mappings.all())
    found.parts.push_back({m.range.start.value, m.range.end.value, m.name});
  return found;
}

Found found_in_image(Address vdso, PageSize page) {
  Found found{.method = "ELF image"};
  const ldseal::ByteView first_page(vdso.as<void>(), page.value);
  auto extent = ldseal::image_extent(first_page, ldseal::Native::kMachine);
  if (!extent) {
    found.doubt = text_of(SystemMappingsDoubt::kBadImage);
    return found;
  }
  found.parts.push_back({vdso.value, page.up(vdso + ByteCount(extent->value)).value, "[vdso]"});
  return found;
}

}  // namespace

bool Extents::agree() const {
  for (const Found* found : {&image, &query, &maps, &advice, &loader}) {
    if (!found->is_possible) continue;
    if (found->parts.empty() || found->start() != base || found->end() != loader.end())
      return false;
    if (found != &image && found->data_start() != loader.data_start()) return false;
  }
  return true;
}

Extents find_extents() {
  const SeesRunningSystem system;
  const PageSize page{static_cast<uint64_t>(sysconf(_SC_PAGESIZE))};
  Extents extents;
  extents.base = getauxval(AT_SYSINFO_EHDR);
  if (extents.base == 0) return extents;
  const Address vdso(extents.base);
  const auto ask = [&](std::string_view name, SystemMappingsMethod method) {
    return found_by(name, ldseal::ask_for_system_mappings(method, vdso, page));
  };
  extents.image = found_in_image(vdso, page);
  extents.query = ask("PROCMAP_QUERY", SystemMappingsMethod::kQuery);
  extents.maps = ask("/proc/self/maps", SystemMappingsMethod::kProcMaps);
  extents.advice = ask("madvise", SystemMappingsMethod::kAdvice);
  extents.loader = found_by("ld-seal", ldseal::find_system_mappings(vdso, page));
  return extents;
}

bool has_procmap_query() {
  const SeesRunningSystem system;
  return !ldseal::find_mapping(Address(reinterpret_cast<uintptr_t>(&has_procmap_query))).empty();
}

}  // namespace sealctl::vdso
