// The processor's abilities: the micro-architecture level (psABI, "x86-64-v2" and up), which names
// a glibc-hwcaps directory, and the call of an IFUNC resolver (no argument).
#pragma once

#include <cpuid.h>
#include <cstdint>

namespace ldseal {

inline uint64_t call_ifunc_resolver(uint64_t resolver, uint64_t /*hwcap*/, uint64_t /*hwcap2*/) {
  return reinterpret_cast<uint64_t (*)()>(resolver)();
}

inline unsigned read_isa_level() {
  unsigned a = 0, b1 = 0, c1 = 0, d = 0, b7 = 0, c7 = 0, c81 = 0, unused = 0;
  if (__get_cpuid(1, &a, &b1, &c1, &d) == 0) return 1;
  __get_cpuid_count(7, 0, &a, &b7, &c7, &d);
  __get_cpuid(0x80000001, &a, &unused, &c81, &d);
  auto all = [](unsigned has, unsigned wanted) { return (has & wanted) == wanted; };
  // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF.
  if (!all(c1, bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT))
    return 1;
  if (!all(c81, bit_LAHF_LM)) return 1;
  // AVX counts only if the system saves the wide registers (OSXSAVE and XCR0).
  if (!all(c1, bit_OSXSAVE | bit_AVX | bit_F16C | bit_FMA | bit_MOVBE)) return 2;
  unsigned low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  constexpr unsigned kAvxState = 0x6, kAvx512State = 0xe6;
  if (!all(low, kAvxState) || !all(b7, bit_AVX2 | bit_BMI | bit_BMI2) || !all(c81, bit_LZCNT))
    return 2;
  constexpr unsigned kAvx512 =
      bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
  if (!all(low, kAvx512State) || !all(b7, kAvx512)) return 3;
  return 4;
}

// Returns the level: 1 for the base line, up to 4. Runs CPUID once.
inline unsigned isa_level() {
  static constinit unsigned level = 0;
  if (level == 0) level = read_isa_level();
  return level;
}

// The register state that tls_descriptor_opened (tls.S) saves on its slow path, as XSAVE
// components: those that compiled code uses (x87, SSE, AVX, the opmasks and both parts of AVX-512).
// 0: the processor has no XSAVE.
extern "C" uint32_t tls_kept_components;
extern "C" uint64_t tls_kept_size;

// Runs CPUID once, because it is slow under a hypervisor.
inline void prepare_register_saving(uint64_t /*hwcap*/) {
  if (tls_kept_size != 0) return;
  constexpr unsigned kLegacyAndHeader = 576, kUsed = 0xe7, kFirstExtended = 2, kLastExtended = 7;
  unsigned a = 0, b = 0, c = 0, d = 0;
  uint64_t size = kLegacyAndHeader;
  if (__get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_OSXSAVE) != 0) {
    unsigned low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    for (unsigned i = kFirstExtended; i <= kLastExtended; ++i) {
      if ((low & kUsed & (1u << i)) == 0) continue;
      __get_cpuid_count(0xd, i, &a, &b, &c, &d);  // a: its size, b: its place in the standard form
      if (a + b > size) size = a + b;
    }
    tls_kept_components = low & kUsed;
  }
  tls_kept_size = size;
}

// Returns the value of $PLATFORM. glibc has names for two groups of Intel's processors; for others
// it is the kernel's AT_PLATFORM.
inline const char* platform_name(const char* from_kernel) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0, &a, &b, &c, &d) == 0 || b != signature_INTEL_ebx || c != signature_INTEL_ecx)
    return from_kernel;
  if (isa_level() < 3) return from_kernel;
  __get_cpuid_count(7, 0, &a, &b, &c, &d);
  constexpr unsigned kXeonPhi = bit_AVX512CD | bit_AVX512ER | bit_AVX512PF;
  return (b & kXeonPhi) == kXeonPhi ? "xeon_phi" : "haswell";
}

}  // namespace ldseal
