// The thread pointer is the register TPIDR_EL0.
#pragma once

#include <cstdint>

namespace ldseal {

inline uintptr_t thread_pointer() {
  uintptr_t value;
  asm("mrs %0, tpidr_el0" : "=r"(value));
  return value;
}

inline uintptr_t thread_word(int64_t offset, uint64_t index) {
  uintptr_t words = thread_pointer() + static_cast<uintptr_t>(offset);
  return reinterpret_cast<const volatile uintptr_t*>(words)[index];
}

// AAELF64 wants nothing there; the stack protector's canary is a variable.
inline void prepare_thread_control_block(uintptr_t /*pointer*/, const uint64_t* /*random*/) {}

// Returns 0 or a negative errno.
inline long set_thread_pointer(uintptr_t value) {
  asm volatile("msr tpidr_el0, %0" : : "r"(value) : "memory");
  return 0;
}

}  // namespace ldseal
