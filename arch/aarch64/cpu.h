// The processor's abilities. glibc defines no hwcaps levels for this machine. An IFUNC resolver is
// called by AAELF64's system extension: x0 holds AT_HWCAP with bit 62 set, x1 points to a structure
// of its size, AT_HWCAP and AT_HWCAP2.
#pragma once

#include <cstdint>

namespace ldseal {

inline uint64_t call_ifunc_resolver(uint64_t resolver, uint64_t hwcap, uint64_t hwcap2) {
  constexpr uint64_t kHasSecondArgument = uint64_t{1} << 62;
  const struct { uint64_t size, hwcap, hwcap2; } argument = {sizeof argument, hwcap, hwcap2};
  using Resolver = uint64_t (*)(uint64_t, const void*);
  return reinterpret_cast<Resolver>(resolver)(hwcap | kHasSecondArgument, &argument);
}

inline unsigned isa_level() { return 1; }

// Must tls_descriptor_opened (tls.S) save whole SVE registers on its slow path?
extern "C" uint64_t tls_keeps_scalable;

inline void prepare_register_saving(uint64_t hwcap) {
  constexpr uint64_t kHasScalable = uint64_t{1} << 22;  // HWCAP_SVE
  tls_keeps_scalable = hwcap & kHasScalable;
}

// Returns the value of $PLATFORM.
inline const char* platform_name(const char* from_kernel) { return from_kernel; }

}  // namespace ldseal
