// See first_thread.h. With a libc, libc makes the thread control block, which is larger.
#include "ldso/libc/first_thread.h"

#include "arch/native.h"
#include "ldso/mem/mapping.h"

namespace ldseal {

Result<Address> make_first_thread(const TlsLayout& tls, const ProcessStack& stack, PageSize page) {
  constexpr uint64_t kThreadControlBlock =
      1024;  // more than any ABI's fixed slots at the thread pointer
  uint64_t alignment = tls.alignment > 64 ? tls.alignment : 64;
  uint64_t below = round_up(tls.start < 0 ? tls.size.value : 0, alignment);
  uint64_t above =
      kThreadControlBlock + (tls.start < 0 ? 0 : tls.size.value + static_cast<uint64_t>(tls.start));
  Result<Mapping> memory = Mapping::anonymous(ByteCount(page.up(below + above + alignment)));
  if (!memory) return memory.error();
  Address start = std::move(*memory).keep_forever().start;
  Address pointer(round_up(start.value, alignment) + below);
  prepare_thread_control_block(pointer.value, Address(stack.value(AT_RANDOM)).as<const uint64_t>());
  set_thread_pointer(pointer.value);
  return Address(pointer.value + static_cast<uint64_t>(tls.start));
}

}  // namespace ldseal
