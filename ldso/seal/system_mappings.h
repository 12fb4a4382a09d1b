// Where the kernel has put its own mappings: the vDSO, and the data pages (vvar, vvar_vclock) that lie directly below
// it. Extents are exact or there are none: sealing a page too much would seal a neighbour, and neighbours touch.
// Needs no memory and nothing of the loader's state: start-up objects of static programs use it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ldso/base/number.h"

namespace ldseal {

enum class SystemMappingsMethod : uint8_t {
  kNone,
  kQuery,     // the PROCMAP_QUERY ioctl on /proc/self/maps: Linux 6.11
  kProcMaps,  // the text of /proc/self/maps
  kAdvice,    // madvise(2): what MADV_DODUMP answers; needs no /proc, knows no names
};

// Why nothing of the kernel's may be sealed.
enum class SystemMappingsDoubt : uint8_t {
  kNone,          // the extents are known
  kNoVdso,        // the kernel gave no AT_SYSINFO_EHDR
  kForeign,       // something else stands there: a tracer's page (rr), an emulator's
  kBadImage,      // what stands there is no ELF image of this machine
  kDisagreement,  // the methods, or a method and the image, disagree about the extents
  kTooLarge,      // more pages or mappings than any kernel has
  kNeighbour,     // found by advice only, and another special mapping may touch the kernel's
  kNoMethod,      // no method can tell: no /proc, and madvise answers neither yes nor no
};

struct SystemMapping {
  static constexpr size_t kNameCapacity = 16;

  AddressRange range;
  int protection = 0;  // PROT_…; taken for granted by kAdvice
  char name[kNameCapacity] =
      {};  // "[vdso]", "[vvar]", "[vvar_vclock]"; kAdvice calls all data "[vvar]"
};

struct SystemMappings {
  static constexpr size_t kCapacity = 4;

  SystemMapping list[kCapacity];
  size_t count = 0;
  SystemMappingsMethod method = SystemMappingsMethod::kNone;
  SystemMappingsDoubt doubt = SystemMappingsDoubt::kNone;

  // In ascending order, without gaps, the vDSO last; empty where there is any doubt.
  std::span<const SystemMapping> all() const { return {list, count}; }
};

// The methods in the order in which they are asked: the next one where one cannot tell.
using SystemMappingsOrder = std::span<const SystemMappingsMethod>;
// Names and extents as the kernel tells them.
inline constexpr SystemMappingsMethod kTellingOrder[] = {
    SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps, SystemMappingsMethod::kAdvice};
// The same extents in a third of the time; without the name of vvar_vclock.
inline constexpr SystemMappingsMethod kQuickOrder[] = {
    SystemMappingsMethod::kAdvice, SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps};

// `vdso` is the value of AT_SYSINFO_EHDR, 0 where there is none. What a method finds is held against the length of the
// image and, where the method goes by names, against what madvise answers for every page.
SystemMappings find_system_mappings(Address vdso, PageSize page,
                                    SystemMappingsOrder order = kTellingOrder);

// One method alone, unchecked; kNoMethod where the method does not work here.
SystemMappings ask_for_system_mappings(SystemMappingsMethod method, Address vdso, PageSize page);

}  // namespace ldseal
