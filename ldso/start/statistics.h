// Where the time of a start goes, for LD_DEBUG=statistics. Without that nothing asks for the time.
#pragma once

#include "ldso/link/linker.h"

namespace ldseal {

enum class Lap : uint8_t { kLoad, kRuntime, kLink, kSeal, kCount };

class Stopwatch {
 public:
  Stopwatch();
  // The time since the last lap belongs to `which`.
  void lap(Lap which);
  void log(const LinkStatistics& statistics) const;

 private:
  uint64_t start_ = 0;  // nanoseconds of CLOCK_MONOTONIC
  uint64_t last_ = 0;
  uint64_t laps_[static_cast<size_t>(Lap::kCount)] = {};
};

}  // namespace ldseal
