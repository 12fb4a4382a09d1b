// Entries of x86-64's PLT, as GNU ld, gold and LLVM lld write them (psABI x86-64, "Procedure
// Linkage Table"). Compiled and tested on every host.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ldso/elf/plt.h"

namespace ldseal {

class X86Plt {
 public:
  static constexpr size_t kStep = 8;     // entries begin at multiples of this
  static constexpr size_t kLength = 16;  // of the longest entry

  // Reads the entry at `code`, whose address is `at`.
  static constexpr PltEntry read(std::span<const unsigned char> code, uint64_t at) {
    if (code.size() >= kLength && is_lazy(code)) return {PltEntryKind::kLazy, kLength, 0};
    std::optional<Jump> jump = find_jump(code);
    if (!jump) return {};
    uint64_t next = at + jump->operand + 4;
    return {PltEntryKind::kStub, jump->entry_length, next + sign_extended(code, jump->operand)};
  }

  // Makes the stub at `code` go to `target` and read no slot. Returns false if it has no room for
  // that.
  static constexpr bool bind(std::span<unsigned char> code, uint64_t at, uint64_t target) {
    std::optional<Jump> jump = find_jump(code);
    if (!jump) return false;
    size_t room = jump->entry_length - jump->start;
    if (jump_directly(code.subspan(jump->start, room), at + jump->start, target)) return true;
    constexpr size_t kJump = 6;
    if (room < kJump + sizeof target) return false;
    constexpr std::array<unsigned char, kJump> kJumpToNextWord = {0xff, 0x25, 0, 0, 0, 0};
    put(code, jump->start, kJumpToNextWord);
    put(code, jump->start + kJump, bytes_of<8>(target));
    return true;
  }

  // Makes the stub at `code` jump to the address in the word at `word`, in place of its slot.
  // Returns false if the word is too far away.
  static constexpr bool repoint(std::span<unsigned char> code, uint64_t at, uint64_t word) {
    std::optional<Jump> jump = find_jump(code);
    uint64_t distance = jump ? word - (at + jump->operand + 4) : 0;
    if (!jump || !fits(distance)) return false;
    put(code, jump->operand, bytes_of<4>(distance));
    return true;
  }

 private:
  struct Jump {
    size_t start;    // of jmp *OPERAND(%rip), its prefix included
    size_t operand;  // of its operand, four bytes
    uint32_t entry_length;
  };

  template <size_t N>
  static constexpr bool is_at(std::span<const unsigned char> code, size_t from,
                              const std::array<unsigned char, N>& bytes) {
    if (code.size() < from + N) return false;
    for (size_t i = 0; i < N; ++i) {
      if (code[from + i] != bytes[i]) return false;
    }
    return true;
  }
  template <size_t N>
  static constexpr void put(std::span<unsigned char> code, size_t from,
                            const std::array<unsigned char, N>& bytes) {
    for (size_t i = 0; i < N; ++i) code[from + i] = bytes[i];
  }
  template <size_t N>
  static constexpr std::array<unsigned char, N> bytes_of(uint64_t value) {
    std::array<unsigned char, N> bytes{};
    for (size_t i = 0; i < N; ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
    return bytes;
  }
  static constexpr uint64_t sign_extended(std::span<const unsigned char> code, size_t from) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value |= uint32_t{code[from + i]} << (8 * i);
    return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(value)));
  }
  static constexpr bool fits(uint64_t distance) {
    return static_cast<int64_t>(distance) == static_cast<int32_t>(distance);
  }

  static constexpr std::array<unsigned char, 4> kEndbr64 = {0xf3, 0x0f, 0x1e, 0xfa};
  static constexpr std::array<unsigned char, 2> kJumpIndirect = {0xff, 0x25};
  static constexpr std::array<unsigned char, 3> kBndJumpIndirect = {0xf2, 0xff, 0x25};
  static constexpr unsigned char kPush = 0x68, kJumpNear = 0xe9, kInt3 = 0xcc;

  // endbr64; push $INDEX; jmp PLT0. It exists where the stubs have another section, .plt.sec.
  static constexpr bool is_lazy(std::span<const unsigned char> code) {
    constexpr std::array<unsigned char, 2> kNop2 = {0x66, 0x90}, kBndJump = {0xf2, 0xe9};
    if (!is_at(code, 0, kEndbr64) || code[4] != kPush) return false;
    bool with_bnd = is_at(code, 9, kBndJump) && code[15] == 0x90;
    return with_bnd || (code[9] == kJumpNear && is_at(code, 14, kNop2));
  }

  static constexpr std::optional<Jump> find_jump(std::span<const unsigned char> code) {
    constexpr std::array<unsigned char, 2> kNop2 = {0x66, 0x90};
    constexpr std::array<unsigned char, 6> kNop6 = {0x66, 0x0f, 0x1f, 0x44, 0, 0};
    constexpr std::array<unsigned char, 5> kNop5 = {0x0f, 0x1f, 0x44, 0, 0};
    constexpr std::array<unsigned char, 1> kNop1 = {0x90};
    if (is_at(code, 0, kJumpIndirect)) {
      // .plt: jmp *SLOT(%rip); push $INDEX; jmp PLT0
      if (code.size() >= kLength && code[6] == kPush && code[11] == kJumpNear)
        return Jump{0, 2, kLength};
      // .plt.got
      if (is_at(code, 6, kNop2)) return Jump{0, 2, 8};
    }
    if (is_at(code, 0, kBndJumpIndirect) && is_at(code, 7, kNop1)) return Jump{0, 3, 8};
    // .plt.sec, with or without a bnd prefix
    if (!is_at(code, 0, kEndbr64)) return {};
    if (is_at(code, 4, kJumpIndirect) && is_at(code, 10, kNop6)) return Jump{4, 6, kLength};
    if (is_at(code, 4, kBndJumpIndirect) && is_at(code, 11, kNop5)) return Jump{4, 7, kLength};
    return {};
  }

  // Writes jmp TARGET to `code`, whose address is `at`.
  static constexpr bool jump_directly(std::span<unsigned char> code, uint64_t at, uint64_t target) {
    constexpr size_t kJump = 5;
    uint64_t distance = target - (at + kJump);
    if (!fits(distance)) return false;
    code[0] = kJumpNear;
    put(code, 1, bytes_of<4>(distance));
    for (unsigned char& rest : code.subspan(kJump)) rest = kInt3;
    return true;
  }
};

}  // namespace ldseal
