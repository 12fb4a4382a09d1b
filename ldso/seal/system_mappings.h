// Where the kernel has put its own mappings: the vDSO, and the data pages (vvar, vvar_vclock) that
// lie directly below it. Extents are exact or there are none: a page too much would seal a
// neighbour. Needs no memory and nothing of the loader's state: crt/ uses it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ldso/base/number.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

enum class SystemMappingsMethod : uint8_t {
  kNone,
  kQuery,     // the PROCMAP_QUERY ioctl on /proc/self/maps: Linux 6.11
  kProcMaps,  // the text of /proc/self/maps
  kAdvice,    // what madvise(2) answers to MADV_DODUMP: needs no /proc, knows no names
  kCount
};

// Why nothing of the kernel's may be sealed.
enum class SystemMappingsDoubt : uint8_t {
  kNone,          // the extents are known
  kNoVdso,        // the kernel gave no AT_SYSINFO_EHDR
  kForeign,       // something else stands there: a tracer's page (rr), an emulator's
  kBadImage,      // what stands there is no ELF image of this machine
  kDisagreement,  // two methods, or a method and the image, disagree about the extents
  kTooLarge,      // more mappings or pages than any kernel has
  kNeighbour,     // found by advice alone, and another special mapping may touch the kernel's
  kNoMethod,      // no method can tell: no /proc, and madvise answers neither yes nor no
  kCount
};

// One of them: "[vdso]", "[vvar]", "[vvar_vclock]". By advice all data is "[vvar]", and the
// protection is the usual one.
using SystemMapping = kernel::MappingStatus;

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
// By name, as the kernel tells it.
inline constexpr SystemMappingsMethod kTellingOrder[] = {
    SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps, SystemMappingsMethod::kAdvice};
// The same extents in a quarter of the time, without the name of vvar_vclock.
inline constexpr SystemMappingsMethod kQuickOrder[] = {
    SystemMappingsMethod::kAdvice, SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps};

// `vdso` is AT_SYSINFO_EHDR, 0 where there is none. What a method finds is held against the length
// of the ELF image and, where it went by names, against what madvise answers for every page.
SystemMappings find_system_mappings(Address vdso, PageSize page,
                                    SystemMappingsOrder order = kTellingOrder);

// One method alone, not held against anything; kNoMethod where it does not work here.
SystemMappings ask_for_system_mappings(SystemMappingsMethod method, Address vdso, PageSize page);

}  // namespace ldseal
