// What of a thread's stack is the guard's: sizes and places, computed. A stack is one mapping of
// the size that libc is asked for (the block); the guard is its low end, as libc's own would be.
#pragma once

#include "ldso/base/number.h"

namespace ldseal {

// Without it sums of sizes that a program asks for could wrap.
constexpr bool may_exist(uint64_t size) {
  constexpr uint64_t kNoAddressSpaceHasIt = uint64_t{1} << 62;
  return size <= kNoAddressSpaceHasIt;
}

// How long the guard is where `told` bytes were asked for. `least`: glibc makes no smaller one.
constexpr ByteCount guard_length(uint64_t told, uint64_t least, PageSize page) {
  return ByteCount(page.up(told > least ? told : least));
}

// What libc is asked for, so that `stack` bytes are left. `extra`: what of it is ours, in whole
// pages.
constexpr ByteCount block_size(uint64_t stack, ByteCount extra, ByteCount guard, PageSize page) {
  return ByteCount(page.up(stack)) + extra + guard;
}

// Where the guard lies under the stack whose highest address is `top`. libc may have had a larger
// stack at hand: the thread gets as much of it as was asked for.
constexpr AddressRange guard_pages(Address top, ByteCount block, ByteCount guard, PageSize page) {
  Address lowest = page.down(top - block);
  return {lowest, lowest + guard};
}

}  // namespace ldseal
