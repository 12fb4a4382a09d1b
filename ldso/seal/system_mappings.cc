// Tries the methods in order, checks their results, and has the method that uses advice.
//
// madvise(2) with MADV_DODUMP fails with EINVAL on special mappings (VM_SPECIAL in the kernel),
// which vvar and the vDSO are. On ordinary mappings, which are dumped anyway, it succeeds without
// effect. This holds from Linux 3.10 to now.
#include "ldso/seal/system_mappings.h"

#include <asm/errno.h>
#include <linux/mman.h>

#include "arch/native.h"
#include "ldso/elf/image_extent.h"
#include "ldso/seal/system_mappings_names.h"

namespace ldseal {
namespace {

using Method = SystemMappingsMethod;
using Doubt = SystemMappingsDoubt;

// Upper bound for the pages of the vDSO, and for those of the data below it. Linux 6.18 has 2 and 6
// on x86_64.
constexpr uint64_t kMostPages = 16;

// How many pages of data lie below the vDSO: in Linux from 6.15 on, on x86_64 before, on aarch64
// before. A right guess saves asking for each page.
constexpr uint64_t kUsualDataPages[] = {6, 4, 2};

enum class PageKind : uint8_t { kSpecial, kOrdinary, kUnknown };

PageKind kind_of(Address at, PageSize page) {
  switch (kernel::advise(at, ByteCount(page.value), MADV_DODUMP).error_number()) {
    case EINVAL:
      return PageKind::kSpecial;
    case 0:
    case ENOMEM:  // nothing is mapped there
      return PageKind::kOrdinary;
    default:
      return PageKind::kUnknown;
  }
}

// The end of a run of special pages: the first page of another kind, and its kind. The kind is
// kSpecial if the run is longer than any kernel's.
struct RunEnd {
  Address page;
  PageKind kind = PageKind::kSpecial;
};

RunEnd end_above(Address from, PageSize page) {
  RunEnd end{from};
  for (uint64_t pages = 0; pages < kMostPages; ++pages) {
    end.page = end.page + ByteCount(page.value);
    end.kind = kind_of(end.page, page);
    if (end.kind != PageKind::kSpecial) break;
  }
  return end;
}

// If the first page and a usual number of pages are right, those between are not asked for:
// mseal(2) refuses a range with a hole, and at start-up there are no other special mappings.
RunEnd end_below(Address from, PageSize page) {
  auto page_below = [&](uint64_t pages) {
    RunEnd at{from - ByteCount(pages * page.value)};
    at.kind = kind_of(at.page, page);
    return at;
  };
  RunEnd end = page_below(1);
  if (end.kind != PageKind::kSpecial) return end;
  for (uint64_t pages : kUsualDataPages) {
    if (page_below(pages).kind != PageKind::kSpecial) continue;
    end = page_below(pages + 1);
    if (end.kind != PageKind::kSpecial) return end;
    break;
  }
  for (uint64_t pages = 2; pages <= kMostPages + 1 && end.kind == PageKind::kSpecial; ++pages)
    end = page_below(pages);
  return end;
}

SystemMappings advised_system_mappings(Address vdso, PageSize page) {
  PageKind kind = kind_of(vdso, page);
  if (kind == PageKind::kUnknown) return no_system_mappings(Method::kAdvice, Doubt::kNoMethod);
  if (kind == PageKind::kOrdinary) return no_system_mappings(Method::kAdvice, Doubt::kForeign);
  RunEnd below = end_below(vdso, page), above = end_above(vdso, page);
  if (below.kind == PageKind::kUnknown || above.kind == PageKind::kUnknown) {
    return no_system_mappings(Method::kAdvice, Doubt::kNoMethod);
  }
  if (below.kind == PageKind::kSpecial || above.kind == PageKind::kSpecial) {
    return no_system_mappings(Method::kAdvice, Doubt::kNeighbour);
  }
  SystemMappings found = no_system_mappings(Method::kAdvice, Doubt::kNone);
  Address data = below.page + ByteCount(page.value);
  if (data < vdso) append(found, {{data, vdso}, PROT_READ, "[vvar]"});
  append(found, {{vdso, above.page}, PROT_READ | PROT_EXEC, "[vdso]"});
  return found;
}

const SystemMapping& vdso_of(const SystemMappings& found) { return found.list[found.count - 1]; }

// Checks what names cannot show: that each page is special.
Doubt doubt_by_advice(const SystemMappings& found, PageSize page) {
  PageKind first = kind_of(vdso_of(found).range.start, page);
  if (first == PageKind::kUnknown)
    return Doubt::kNone;  // madvise does not work, perhaps because of a filter: no check
  if (first == PageKind::kOrdinary) return Doubt::kForeign;
  AddressRange whole{found.list[0].range.start, vdso_of(found).range.end};
  if (whole.length().value > 2 * kMostPages * page.value) return Doubt::kTooLarge;
  for (Address at = whole.start; at < whole.end; at = at + ByteCount(page.value)) {
    if (kind_of(at, page) != PageKind::kSpecial) return Doubt::kDisagreement;
  }
  return Doubt::kNone;
}

// Does the length of the vDSO match its ELF image?
Doubt doubt_by_image(const SystemMappings& found, PageSize page) {
  const SystemMapping& vdso = vdso_of(found);
  if ((vdso.protection & PROT_READ) == 0) return Doubt::kForeign;
  ByteView first_page(vdso.range.start.as<void>(), page.value);
  Result<ByteCount> extent = image_extent(first_page, Native::kMachine);
  if (!extent) return Doubt::kBadImage;
  std::optional<uint64_t> image = checked_round_up(extent->value, page.value);
  uint64_t mapped = vdso.range.length().value;
  if (!image) return Doubt::kBadImage;
  if (*image == mapped) return Doubt::kNone;
  bool may_be_a_neighbour = found.method == Method::kAdvice && *image < mapped;
  return may_be_a_neighbour ? Doubt::kNeighbour : Doubt::kDisagreement;
}

Doubt doubt_about(const SystemMappings& found, PageSize page) {
  for (size_t i = 1; i < found.count; ++i) {
    if (found.list[i - 1].range.end != found.list[i].range.start) return Doubt::kDisagreement;
  }
  if (found.method != Method::kAdvice) {
    if (Doubt doubt = doubt_by_advice(found, page); doubt != Doubt::kNone) return doubt;
  }
  return doubt_by_image(found, page);
}

}  // namespace

SystemMappings ask_for_system_mappings(SystemMappingsMethod method, Address vdso, PageSize page) {
  switch (method) {
    case Method::kQuery:
      return query_system_mappings(vdso);
    case Method::kProcMaps:
      return read_system_mappings(vdso);
    case Method::kAdvice:
      return advised_system_mappings(vdso, page);
    case Method::kNone:
    case Method::kCount:
      break;
  }
  return no_system_mappings(Method::kNone, Doubt::kNoMethod);
}

SystemMappings find_system_mappings(Address vdso, PageSize page, SystemMappingsOrder order) {
  if (vdso.value == 0) return no_system_mappings(Method::kNone, Doubt::kNoVdso);
  if (page.down(vdso) != vdso) return no_system_mappings(Method::kNone, Doubt::kForeign);
  SystemMappings nothing = no_system_mappings(Method::kNone, Doubt::kNoMethod);
  for (Method method : order) {
    SystemMappings found = ask_for_system_mappings(method, vdso, page);
    if (found.doubt == Doubt::kNone) found.doubt = doubt_about(found, page);
    if (found.doubt == Doubt::kNone) return found;
    if (found.doubt == Doubt::kNoMethod) continue;
    nothing = no_system_mappings(method, found.doubt);
    if (found.doubt != Doubt::kNeighbour) break;  // names can resolve this doubt
  }
  return nothing;
}

}  // namespace ldseal
