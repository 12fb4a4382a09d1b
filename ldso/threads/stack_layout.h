// Sizes and addresses of a thread's stack and its guard. A stack is one mapping of the size that
// libc is asked for (the block). The guard is at its low end, where libc's guard would be.
#pragma once

#include "ldso/base/number.h"

namespace ldseal {

// False for a size that no address space has room for. The check keeps the sums below from
// wrapping.
constexpr bool may_exist(uint64_t size) {
  constexpr uint64_t kNoAddressSpaceHasIt = uint64_t{1} << 62;
  return size <= kNoAddressSpaceHasIt;
}

// The length of the guard in bytes, in whole pages, if `asked` bytes were asked for. `least` is the
// smallest guard that the libc makes.
constexpr ByteCount guard_length(uint64_t asked, uint64_t least, PageSize page) {
  return ByteCount(page.up(asked > least ? asked : least));
}

// What libc is asked for, so that `stack` bytes are left.
constexpr ByteCount block_size(uint64_t stack, ByteCount guard, PageSize page) {
  return ByteCount(page.up(stack)) + guard;
}

// The pages of the guard of the stack whose highest address is `top`. libc may reuse a larger stack
// than the block: the guard lies so that the thread has the size that was asked for.
constexpr AddressRange guard_pages(Address top, ByteCount block, ByteCount guard, PageSize page) {
  Address lowest = page.down(top - block);
  return {lowest, lowest + guard};
}

}  // namespace ldseal
