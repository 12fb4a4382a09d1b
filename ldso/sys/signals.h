// Signals kept away from what must not be interrupted.
#pragma once

#include <cstdint>

#include "ldso/sys/kernel.h"

namespace ldseal {

// From here to its end no handler runs in the calling thread: what it does meanwhile takes no
// longer than it takes by itself.
class [[nodiscard]] SignalsBlocked {
 public:
  SignalsBlocked() : before_(kernel::block_signals()) {}
  ~SignalsBlocked() { kernel::set_signal_mask(before_); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  uint64_t before_;
};

}  // namespace ldseal
