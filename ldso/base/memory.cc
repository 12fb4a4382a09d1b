// The memory functions that the compiler may call, and the assertion hook of libstdc++'s checked
// containers. -ffreestanding keeps the compiler from turning the loops below into calls to
// themselves.

#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* to, const void* from, size_t count) {
  auto* t = static_cast<unsigned char*>(to);
  const auto* f = static_cast<const unsigned char*>(from);
  for (; count >= 8; count -= 8, t += 8, f += 8) {
    uint64_t word;
    __builtin_memcpy_inline(&word, f, 8);
    __builtin_memcpy_inline(t, &word, 8);
  }
  for (; count > 0; --count) *t++ = *f++;
  return to;
}

void* memmove(void* to, const void* from, size_t count) {
  auto* t = static_cast<unsigned char*>(to);
  const auto* f = static_cast<const unsigned char*>(from);
  if (t <= f || t >= f + count) return memcpy(to, from, count);
  while (count > 0) {
    --count;
    t[count] = f[count];
  }
  return to;
}

void* memset(void* to, int value, size_t count) {
  auto* t = static_cast<unsigned char*>(to);
  uint64_t word = 0x0101010101010101u * static_cast<unsigned char>(value);
  for (; count >= 8; count -= 8, t += 8) __builtin_memcpy_inline(t, &word, 8);
  for (; count > 0; --count) *t++ = static_cast<unsigned char>(value);
  return to;
}

int memcmp(const void* left, const void* right, size_t count) {
  const auto* l = static_cast<const unsigned char*>(left);
  const auto* r = static_cast<const unsigned char*>(right);
  for (; count > 0; --count, ++l, ++r) {
    if (*l != *r) return *l - *r;
  }
  return 0;
}

void* memchr(const void* in, int wanted, size_t count) {
  const auto* at = static_cast<const unsigned char*>(in);
  for (; count > 0; --count, ++at) {
    if (*at == static_cast<unsigned char>(wanted)) return const_cast<unsigned char*>(at);
  }
  return nullptr;
}

// Reads aligned words once the address is aligned: they cannot cross into another page.
size_t strlen(const char* text) {
  const char* at = text;
  for (; reinterpret_cast<uintptr_t>(at) % 8 != 0; ++at) {
    if (*at == '\0') return static_cast<size_t>(at - text);
  }
  for (;; at += 8) {
    uint64_t word;
    __builtin_memcpy_inline(&word, at, 8);
    uint64_t zero_bytes = (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
    if (zero_bytes != 0)
      return static_cast<size_t>(at - text) + static_cast<size_t>(__builtin_ctzll(zero_bytes)) / 8;
  }
}

}  // extern "C"

namespace std {
void __glibcxx_assert_fail(const char*, int, const char*, const char*) noexcept {
  __builtin_trap();
}
void __throw_out_of_range_fmt(const char*, ...) { __builtin_trap(); }
}  // namespace std
