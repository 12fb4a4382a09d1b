// Entries of AArch64's PLT, as GNU ld and LLVM lld write them. Compiled and tested on every host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ldso/elf/plt.h"

namespace ldseal {

class Aarch64Plt {
 public:
  static constexpr size_t kStep = 4;     // entries begin at multiples of this
  static constexpr size_t kLength = 16;  // of a stub; bti c before it and nop behind it are no part

  // Reads the entry at `code`, whose address is `at`:
  //   adrp x16, SLOT; ldr x17, [x16, SLOT]; add x16, x16, SLOT; br x17
  static constexpr PltEntry read(std::span<const unsigned char> code, uint64_t at) {
    if (code.size() < kLength) return {};
    uint32_t adrp = word(code, 0), ldr = word(code, 4), add = word(code, 8), br = word(code, 12);
    bool is_stub = (adrp & kAdrpMask) == kAdrpX16 && (ldr & kImmediateMask) == kLdrX17X16 &&
                   (add & kImmediateMask) == kAddX16X16 && br == kBrX17;
    if (!is_stub) return {};
    uint64_t in_page = immediate(ldr) * 8;
    if (in_page != immediate(add)) return {};
    return {PltEntryKind::kStub, kLength, page_of_adrp(adrp, at) + in_page};
  }

  // Makes the stub at `code` go to `target` and read no slot:
  //   ldr x17, WORD; br x17; WORD: target
  static constexpr bool bind(std::span<unsigned char> code, uint64_t, uint64_t target) {
    put(code, 0, kLdrX17Literal);
    put(code, 4, kBrX17);
    put(code, 8, static_cast<uint32_t>(target));
    put(code, 12, static_cast<uint32_t>(target >> 32));
    return true;
  }

  // Every stub has room for its target.
  static constexpr bool repoint(std::span<unsigned char>, uint64_t, uint64_t) { return false; }

 private:
  static constexpr uint32_t kAdrpMask = 0x9f00001f, kAdrpX16 = 0x90000010;
  static constexpr uint32_t kImmediateMask = 0xffc003ff;
  static constexpr uint32_t kLdrX17X16 = 0xf9400211;      // ldr x17, [x16, #0]
  static constexpr uint32_t kAddX16X16 = 0x91000210;      // add x16, x16, #0
  static constexpr uint32_t kBrX17 = 0xd61f0220;          // br x17
  static constexpr uint32_t kLdrX17Literal = 0x58000051;  // ldr x17, . + 8

  static constexpr uint32_t word(std::span<const unsigned char> code, size_t from) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value |= uint32_t{code[from + i]} << (8 * i);
    return value;
  }
  static constexpr void put(std::span<unsigned char> code, size_t from, uint32_t value) {
    for (size_t i = 0; i < 4; ++i) code[from + i] = static_cast<unsigned char>(value >> (8 * i));
  }
  static constexpr uint64_t immediate(uint32_t instruction) { return (instruction >> 10) & 0xfff; }
  // adrp counts in units of 4 KiB, whatever the page size is: 21 bits, signed.
  static constexpr uint64_t page_of_adrp(uint32_t adrp, uint64_t at) {
    uint64_t pages = (uint64_t{(adrp >> 5) & 0x7ffff} << 2) | ((adrp >> 29) & 3);
    constexpr uint64_t kSign = uint64_t{1} << 20;
    constexpr int kUnit = 12;
    return ((at >> kUnit) + ((pages ^ kSign) - kSign)) << kUnit;
  }
};

}  // namespace ldseal
