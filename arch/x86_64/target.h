// x86-64 as values: numbers and rules of the psABI. Compiled and tested on every host.
// arch/machine.h says what each member means.
#pragma once

#include <elf.h>

#include "arch/x86_64/plt.h"
#include "ldso/elf/relocation.h"

namespace ldseal {

struct X86_64 {
  using Plt = X86Plt;

  static constexpr uint16_t kMachine = EM_X86_64;

  static constexpr const char* kLoaderName = "ld-seal-x86_64.so.1";
  static constexpr const char* kPlatform = "x86_64";
  static constexpr const char* kMultiarch = "x86_64-linux-gnu";
  static constexpr const char* kMuslRtld = "ld-musl-x86_64";
  static constexpr const char* kGlibcRtld = "ld-linux-x86-64.so.2";
  static constexpr int32_t kCacheFlags = 0x0303;  // FLAG_X8664_LIB64 | FLAG_ELF_LIBC6
  static constexpr const char* kHwcapsPrefix = "x86-64-v";
  static constexpr uint32_t kIsaProperty = GNU_PROPERTY_X86_ISA_1_NEEDED;

  static constexpr TlsVariant kTlsVariant = TlsVariant::kBelowThreadPointer;
  static constexpr uint64_t kThreadHeader = 0;
  static constexpr uint64_t kDtpBias = 0;

  static constexpr uint64_t kGlibcThreadAttributes = 56;
  static constexpr uint64_t kGlibcLeastGuard = 0;
  static constexpr bool kMuslHeedsInit = true;

  static constexpr uint32_t kFeatures = 0xc0000002;  // GNU_PROPERTY_X86_FEATURE_1_AND
  static constexpr bool kNotesHaveFeatures = true;
  static constexpr uint32_t kBranchTargetFeature = 0;
  static constexpr uint64_t kBranchTargetHwcap2 = 0;
  static constexpr int kBranchTargetProtection = 0;

  static constexpr bool kSlotsHaveAddend = false;
  static constexpr uint32_t kRelativeType = R_X86_64_RELATIVE;
  static constexpr uint32_t kCopyType = R_X86_64_COPY;
  static constexpr uint32_t kIrelativeType = R_X86_64_IRELATIVE;

  static constexpr RelocationKind kind(uint32_t type) {
    switch (type) {
      case R_X86_64_NONE:
        return RelocationKind::kNothing;
      case R_X86_64_RELATIVE:
        return RelocationKind::kRelative;
      case R_X86_64_64:
        return RelocationKind::kAbsolute64;
      case R_X86_64_32:
        return RelocationKind::kAbsolute32;
      case R_X86_64_PC64:
        return RelocationKind::kPcRelative64;
      case R_X86_64_PC32:
        return RelocationKind::kPcRelative32;
      case R_X86_64_GLOB_DAT:
        return RelocationKind::kSlot;
      case R_X86_64_JUMP_SLOT:
        return RelocationKind::kCallSlot;
      case R_X86_64_COPY:
        return RelocationKind::kCopy;
      case R_X86_64_IRELATIVE:
        return RelocationKind::kIndirect;
      case R_X86_64_DTPMOD64:
        return RelocationKind::kTlsModule;
      case R_X86_64_DTPOFF64:
        return RelocationKind::kTlsOffset;
      case R_X86_64_TPOFF64:
        return RelocationKind::kTlsThread;
      case R_X86_64_TLSDESC:
        return RelocationKind::kTlsDescriptor;
      case R_X86_64_SIZE64:
        return RelocationKind::kSize64;
      case R_X86_64_SIZE32:
        return RelocationKind::kSize32;
      default:
        return RelocationKind::kUnknown;
    }
  }
};

}  // namespace ldseal
