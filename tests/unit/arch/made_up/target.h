// A machine that does not exist, with the values that differ most from those of the machines that
// do: the first block of thread-local storage is at the thread pointer itself, DTPREL words have a
// bias (riscv64 has both), and every relocation type has another number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ldso/elf/plt.h"
#include "ldso/elf/relocation.h"

namespace ldseal {

enum MadeUpRelocation : uint32_t {
  R_MADE_UP_NONE = 100,
  R_MADE_UP_COPY,
  R_MADE_UP_RELATIVE,
  R_MADE_UP_IRELATIVE,
  R_MADE_UP_64,
  R_MADE_UP_JUMP_SLOT,
  R_MADE_UP_DTPMOD,
  R_MADE_UP_DTPREL,
  R_MADE_UP_TPREL,
  R_MADE_UP_TLSDESC,
};

// No shape of an entry is known.
struct MadeUpPlt {
  static constexpr size_t kStep = 4;
  static constexpr size_t kLength = 4;
  static constexpr PltEntry read(std::span<const unsigned char>, uint64_t) { return {}; }
  static constexpr bool bind(std::span<unsigned char>, uint64_t, uint64_t) { return false; }
  static constexpr bool repoint(std::span<unsigned char>, uint64_t, uint64_t) { return false; }
};

struct MadeUp {
  using Plt = MadeUpPlt;

  static constexpr uint16_t kMachine = 0x4d55;
  static constexpr const char* kLoaderName = "ld-seal-made-up.so.1";
  static constexpr const char* kPlatform = "made_up";
  static constexpr const char* kMultiarch = "made-up-linux-gnu";
  static constexpr const char* kMuslRtld = "ld-musl-made-up";
  static constexpr const char* kGlibcRtld = "ld-linux-made-up.so.1";
  static constexpr int32_t kCacheFlags = 0x7f03;
  static constexpr const char* kHwcapsPrefix = nullptr;
  static constexpr uint32_t kIsaProperty = 0;
  static constexpr TlsVariant kTlsVariant = TlsVariant::kAboveThreadPointer;
  static constexpr uint64_t kThreadHeader = 0;
  static constexpr uint64_t kDtpBias = 0x800;
  static constexpr uint64_t kGlibcThreadAttributes = 48;
  static constexpr uint64_t kGlibcLeastGuard = 0;
  static constexpr bool kMuslHeedsInit = false;
  static constexpr uint32_t kFeatures = 0xc000000f;
  static constexpr bool kNotesHaveFeatures = false;
  static constexpr uint32_t kBranchTargetFeature = 0x20;
  static constexpr uint64_t kBranchTargetHwcap2 = 0x40;
  static constexpr int kBranchTargetProtection = 0x80;
  static constexpr bool kSlotsHaveAddend = true;
  static constexpr uint32_t kRelativeType = R_MADE_UP_RELATIVE;
  static constexpr uint32_t kCopyType = R_MADE_UP_COPY;
  static constexpr uint32_t kIrelativeType = R_MADE_UP_IRELATIVE;

  static constexpr RelocationKind kind(uint32_t type) {
    switch (type) {
      case R_MADE_UP_NONE:
        return RelocationKind::kNothing;
      case R_MADE_UP_COPY:
        return RelocationKind::kCopy;
      case R_MADE_UP_IRELATIVE:
        return RelocationKind::kIndirect;
      case R_MADE_UP_RELATIVE:
        return RelocationKind::kRelative;
      case R_MADE_UP_64:
        return RelocationKind::kAbsolute64;
      case R_MADE_UP_JUMP_SLOT:
        return RelocationKind::kCallSlot;
      case R_MADE_UP_DTPMOD:
        return RelocationKind::kTlsModule;
      case R_MADE_UP_DTPREL:
        return RelocationKind::kTlsOffset;
      case R_MADE_UP_TPREL:
        return RelocationKind::kTlsThread;
      case R_MADE_UP_TLSDESC:
        return RelocationKind::kTlsDescriptor;
      default:
        return RelocationKind::kUnknown;
    }
  }
};

}  // namespace ldseal
