// The thread pointer is at fs:0: by the psABI the first word of the thread control block points to
// itself.
#pragma once

#include <asm/prctl.h>
#include <asm/unistd.h>
#include <cstdint>

#include "arch/x86_64/syscall.h"

namespace ldseal {

inline uintptr_t thread_pointer() {
  uintptr_t value;
  asm("mov %%fs:0, %0" : "=r"(value));
  return value;
}

// One instruction: __tls_get_addr is called often.
inline uintptr_t thread_word(int64_t offset, uint64_t index) {
  uintptr_t value;
  asm volatile("mov %%fs:(%1, %2, 8), %0" : "=r"(value) : "r"(offset), "r"(index));
  return value;
}

// The psABI's thread control block: the first word points to itself, and the stack protector takes
// its canary from a later one. The canary begins with a zero byte, at which string functions stop.
inline void prepare_thread_control_block(uintptr_t pointer, const uint64_t* random) {
  constexpr uint64_t kCanary = 0x28;
  *reinterpret_cast<uint64_t*>(pointer) = pointer;
  if (random != nullptr)
    *reinterpret_cast<uint64_t*>(pointer + kCanary) = *random & ~uint64_t{0xff};
}

// Returns 0 or a negative errno. `value` must point to a word that holds `value`.
inline long set_thread_pointer(uintptr_t value) {
  return raw_system_call(__NR_arch_prctl, ARCH_SET_FS, static_cast<long>(value), 0, 0, 0, 0);
}

}  // namespace ldseal
