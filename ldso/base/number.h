// Numbers whose type says what they count. `Vaddr + LoadBias` is the only way from an address in a
// file to one in memory. Arithmetic on values from a file can fail and returns `optional`.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ldseal {

template <class Tag>
struct Quantity {
  uint64_t value = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(uint64_t v) : value(v) {}
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
};

using FileOffset = Quantity<struct FileOffsetTag>;  // bytes from the start of a file
using ByteCount = Quantity<struct ByteCountTag>;    // a length in bytes
// An address as the object file has it (p_vaddr, st_value).
using Vaddr = Quantity<struct VaddrTag>;
// What is added to a Vaddr; may wrap (ELF: "base address").
using LoadBias = Quantity<struct LoadBiasTag>;

// An address in this process.
struct Address : Quantity<struct AddressTag> {
  using Quantity::Quantity;
  constexpr Address() = default;
  explicit Address(const void* pointer) : Quantity(reinterpret_cast<uintptr_t>(pointer)) {}

  template <class T = void>
  T* as() const {
    return reinterpret_cast<T*>(static_cast<uintptr_t>(value));
  }
  friend constexpr auto operator<=>(Address, Address) = default;
};

constexpr Address operator+(Vaddr v, LoadBias bias) { return Address(v.value + bias.value); }
constexpr Address operator+(Address a, ByteCount n) { return Address(a.value + n.value); }
constexpr Address operator-(Address a, ByteCount n) { return Address(a.value - n.value); }
constexpr ByteCount operator-(Address a, Address b) { return ByteCount(a.value - b.value); }
constexpr ByteCount operator+(ByteCount a, ByteCount b) { return ByteCount(a.value + b.value); }
constexpr LoadBias bias_between(Address in_memory, Vaddr in_file) {
  return LoadBias(in_memory.value - in_file.value);
}
constexpr Vaddr operator-(Address a, LoadBias bias) { return Vaddr(a.value - bias.value); }

constexpr std::optional<uint64_t> checked_add(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}
constexpr std::optional<uint64_t> checked_multiply(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// Does [from, from + length) lie inside [0, size)? The subtraction cannot wrap.
constexpr bool range_fits(uint64_t from, uint64_t length, uint64_t size) {
  return from <= size && length <= size - from;
}

constexpr bool is_power_of_two(uint64_t v) { return v != 0 && (v & (v - 1)) == 0; }
constexpr uint64_t round_down(uint64_t v, uint64_t alignment) { return v & ~(alignment - 1); }
constexpr uint64_t round_up(uint64_t v, uint64_t alignment) {
  return round_down(v + alignment - 1, alignment);
}
constexpr std::optional<uint64_t> checked_round_up(uint64_t v, uint64_t alignment) {
  std::optional<uint64_t> sum = checked_add(v, alignment - 1);
  if (!sum) return std::nullopt;
  return round_down(*sum, alignment);
}

// The page size of this process (AT_PAGESZ), and rounding to it.
struct PageSize {
  uint64_t value = 0;
  constexpr uint64_t down(uint64_t v) const { return round_down(v, value); }
  constexpr uint64_t up(uint64_t v) const { return round_up(v, value); }
  constexpr Address down(Address a) const { return Address(down(a.value)); }
  constexpr Address up(Address a) const { return Address(up(a.value)); }
};

// A half-open range of memory.
struct AddressRange {
  Address start;
  Address end;
  constexpr ByteCount length() const { return end - start; }
  constexpr bool empty() const { return end <= start; }
  constexpr bool contains(Address a) const { return start <= a && a < end; }
};

}  // namespace ldseal
