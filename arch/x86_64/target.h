// x86-64 as values: the numbers and rules of the psABI. Compiled and tested on every host.
// The table in arch/README.md explains each member.
#pragma once

#include <elf.h>

#include "ldso/elf/relocation.h"

namespace ldseal {

struct X86_64 {
  static constexpr uint16_t kMachine = EM_X86_64;
  static constexpr const char* kLoaderName = "ld-seal-x86_64.so.1";
  static constexpr const char* kPlatform = "x86_64";
  static constexpr const char* kMultiarch = "x86_64-linux-gnu";
  static constexpr const char* kMuslRtld = "ld-musl-x86_64";  // /lib/NAME.so.1 and /etc/NAME.path
  static constexpr const char* kGlibcRtld = "ld-linux-x86-64.so.2";  // what glibc's libc.so.6 needs
  static constexpr int32_t kCacheFlags = 0x0303;  // FLAG_X8664_LIB64 | FLAG_ELF_LIBC6
  static constexpr const char* kHwcapsPrefix = "x86-64-v";
  static constexpr TlsVariant kTlsVariant = TlsVariant::kBelowThreadPointer;
  static constexpr uint64_t kGlibcThreadAttributes = 56;  // sizeof(pthread_attr_t)
  static constexpr uint64_t kGlibcLeastGuard = 0;         // below a thread's stack
  static constexpr uint64_t kThreadHeader = 0;
  // Does musl run DT_INIT and DT_FINI, or only the arrays?
  static constexpr bool kMuslHeedsInit = true;
  static constexpr uint32_t kRelativeType = R_X86_64_RELATIVE;
  static constexpr uint32_t kCopyType = R_X86_64_COPY;
  // Is a slot S + A, or S alone? If A does not count, linkers use it for other purposes.
  static constexpr bool kSlotsHaveAddend = false;

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
