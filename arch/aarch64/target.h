// AArch64 as values: numbers and rules of AAELF64. Compiled and tested on every host.
// arch/machine.h says what each member means.
#pragma once

#include <elf.h>

#include "arch/aarch64/plt.h"
#include "ldso/elf/relocation.h"

namespace ldseal {

struct Aarch64 {
  using Plt = Aarch64Plt;

  static constexpr uint16_t kMachine = EM_AARCH64;

  static constexpr const char* kLoaderName = "ld-seal-aarch64.so.1";
  static constexpr const char* kPlatform = "aarch64";
  static constexpr const char* kMultiarch = "aarch64-linux-gnu";
  static constexpr const char* kMuslRtld = "ld-musl-aarch64";
  static constexpr const char* kGlibcRtld = "ld-linux-aarch64.so.1";
  static constexpr int32_t kCacheFlags = 0x0a03;  // FLAG_AARCH64_LIB64 | FLAG_ELF_LIBC6
  static constexpr const char* kHwcapsPrefix = nullptr;
  static constexpr uint32_t kIsaProperty = 0;

  static constexpr TlsVariant kTlsVariant = TlsVariant::kAboveThreadPointer;
  static constexpr uint64_t kThreadHeader = 16;  // two words: the DTV's address, and one reserved
  static constexpr uint64_t kDtpBias = 0;

  static constexpr uint64_t kGlibcThreadAttributes = 64;
  static constexpr uint64_t kGlibcLeastGuard = uint64_t{64} * 1024;  // the largest page
  static constexpr bool kMuslHeedsInit = false;

  static constexpr uint32_t kFeatures = 0xc0000000;  // GNU_PROPERTY_AARCH64_FEATURE_1_AND
  static constexpr bool kNotesHaveFeatures = false;
  static constexpr uint32_t kBranchTargetFeature = 1;                 // …_BTI
  static constexpr uint64_t kBranchTargetHwcap2 = uint64_t{1} << 17;  // HWCAP2_BTI
  static constexpr int kBranchTargetProtection = 0x10;                // PROT_BTI

  static constexpr bool kSlotsHaveAddend = true;
  static constexpr uint32_t kRelativeType = R_AARCH64_RELATIVE;
  static constexpr uint32_t kCopyType = R_AARCH64_COPY;
  static constexpr uint32_t kIrelativeType = R_AARCH64_IRELATIVE;

  static constexpr RelocationKind kind(uint32_t type) {
    switch (type) {
      case R_AARCH64_NONE:
        return RelocationKind::kNothing;
      case R_AARCH64_RELATIVE:
        return RelocationKind::kRelative;
      case R_AARCH64_ABS64:
        return RelocationKind::kAbsolute64;
      case R_AARCH64_ABS32:
        return RelocationKind::kAbsolute32;
      case R_AARCH64_ABS16:
        return RelocationKind::kAbsolute16;
      case R_AARCH64_PREL64:
        return RelocationKind::kPcRelative64;
      case R_AARCH64_PREL32:
        return RelocationKind::kPcRelative32;
      case R_AARCH64_PREL16:
        return RelocationKind::kPcRelative16;
      case R_AARCH64_GLOB_DAT:
        return RelocationKind::kSlot;
      case R_AARCH64_JUMP_SLOT:
        return RelocationKind::kCallSlot;
      case R_AARCH64_COPY:
        return RelocationKind::kCopy;
      case R_AARCH64_IRELATIVE:
        return RelocationKind::kIndirect;
      case R_AARCH64_TLS_DTPMOD:
        return RelocationKind::kTlsModule;
      case R_AARCH64_TLS_DTPREL:
        return RelocationKind::kTlsOffset;
      case R_AARCH64_TLS_TPREL:
        return RelocationKind::kTlsThread;
      case R_AARCH64_TLSDESC:
        return RelocationKind::kTlsDescriptor;
      default:
        return RelocationKind::kUnknown;
    }
  }
};

}  // namespace ldseal
