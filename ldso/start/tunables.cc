// See tunables.h.
#include "ldso/start/tunables.h"

#include <string_view>

#include "ldso/link/tls_layout.h"

namespace ldseal {

// A number as glibc's tunables have it: decimal, octal after 0, hexadecimal after 0x.
static uint64_t tunable_number(std::string_view text) {
  uint64_t base = 10, number = 0;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.starts_with("0")) {
    base = 8;
  }
  for (char c : text) {
    char lower = static_cast<char>(c | 0x20);
    uint64_t digit = c >= '0' && c <= '9'           ? static_cast<uint64_t>(c - '0')
                     : lower >= 'a' && lower <= 'f' ? static_cast<uint64_t>(lower - 'a') + 10
                                                    : base;
    if (digit >= base || number > kMostTlsSurplus.value) break;
    number = number * base + digit;
  }
  return number;
}

// The last value of the tunable, whose `name` ends in '='; else `usual`.
static uint64_t value_of(std::string_view name, const char* tunables, uint64_t usual) {
  uint64_t value = usual;
  std::string_view left = tunables == nullptr ? "" : tunables;
  while (!left.empty()) {
    std::string_view one = left.substr(0, left.find(':'));
    left.remove_prefix(one.size() < left.size() ? one.size() + 1 : one.size());
    if (one.starts_with(name)) value = tunable_number(one.substr(name.size()));
  }
  return value;
}

bool asks_for_older_sort(const char* tunables) {
  return value_of("glibc.rtld.dynamic_sort=", tunables, 2) == 1;
}

ByteCount more_surplus_by(const char* tunables) {
  constexpr uint64_t kDefault = 512;  // of the tunable: kTlsSurplus counts for it
  uint64_t wanted = value_of("glibc.rtld.optional_static_tls=", tunables, kDefault);
  if (wanted <= kDefault) return ByteCount(0);
  uint64_t more = round_up(wanted - kDefault, kTlsSurplusAlignment);
  constexpr uint64_t kMost = kMostTlsSurplus.value - kTlsSurplus.value;
  return ByteCount(more < kMost ? more : kMost);
}

}  // namespace ldseal
