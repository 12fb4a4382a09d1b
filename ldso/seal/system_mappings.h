// Finds the kernel's own mappings: the vDSO, and the data pages (vvar, vvar_vclock) directly below
// it. The extents are exact or there is no result, because one page too much would seal a
// neighbour. Uses no heap and no state of ld-seal, so that crt/ can use it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ldso/base/number.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

enum class SystemMappingsMethod : uint8_t {
  kNone,
  kQuery,     // the ioctl PROCMAP_QUERY on /proc/self/maps: Linux 6.11
  kProcMaps,  // the text of /proc/self/maps
  kAdvice,    // madvise(2) with MADV_DODUMP: needs no /proc, sees no names
  kCount
};

// The reason why no mapping of the kernel may be sealed.
enum class SystemMappingsDoubt : uint8_t {
  kNone,          // the extents are known
  kNoVdso,        // the kernel gave no AT_SYSINFO_EHDR
  kForeign,       // something else is there: a page of a tracer (rr) or of an emulator
  kBadImage,      // there is no ELF image of this machine
  kDisagreement,  // two methods, or a method and the image, disagree about the extents
  kTooLarge,      // more mappings or pages than any kernel has
  kNeighbour,     // found by advice alone, and another mapping may touch it
  kNoMethod,      // no method works: there is no /proc, and madvise gives no clear answer
  kCount
};

// One of them: "[vdso]", "[vvar]" or "[vvar_vclock]". The advice method calls all data "[vvar]" and
// assumes the usual protection.
using SystemMapping = kernel::MappingStatus;

struct SystemMappings {
  static constexpr size_t kCapacity = 4;

  SystemMapping list[kCapacity];
  size_t count = 0;
  SystemMappingsMethod method = SystemMappingsMethod::kNone;
  SystemMappingsDoubt doubt = SystemMappingsDoubt::kNone;

  // In ascending order without gaps, the vDSO last. Empty if there is any doubt.
  std::span<const SystemMapping> all() const { return {list, count}; }
};

// The order in which methods are tried. The next one is tried if one does not work.
using SystemMappingsOrder = std::span<const SystemMappingsMethod>;
// Finds names too, for traces.
inline constexpr SystemMappingsMethod kTellingOrder[] = {
    SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps, SystemMappingsMethod::kAdvice};
// Finds the same extents in a quarter of the time, but no name for vvar_vclock.
inline constexpr SystemMappingsMethod kQuickOrder[] = {
    SystemMappingsMethod::kAdvice, SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps};

// `vdso` is AT_SYSINFO_EHDR, or 0. The result is compared with the length of the ELF image and, if
// a method found it by name, with the answer of madvise for every page.
SystemMappings find_system_mappings(Address vdso, PageSize page,
                                    SystemMappingsOrder order = kTellingOrder);

// The mapping that contains `address`, by PROCMAP_QUERY; an empty range if that is not known.
AddressRange find_mapping(Address address);

// Uses one method without the comparisons; kNoMethod if it does not work here.
SystemMappings ask_for_system_mappings(SystemMappingsMethod method, Address vdso, PageSize page);

}  // namespace ldseal
