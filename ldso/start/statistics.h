// Measures the time of each part of a start, for LD_DEBUG=statistics. Without it the clock is not
// read.
#pragma once

#include "ldso/link/linker.h"

namespace ldseal {

enum class Lap : uint8_t { kLoad, kRuntime, kLink, kSeal, kCount };

class Stopwatch {
 public:
  Stopwatch();
  // Ends the lap `which`: it is the time since the last lap ended.
  void lap(Lap which);
  void log(const LinkStatistics& statistics) const;

 private:
  uint64_t start_ = 0;  // nanoseconds of CLOCK_MONOTONIC
  uint64_t last_ = 0;
  uint64_t laps_[static_cast<size_t>(Lap::kCount)] = {};
};

}  // namespace ldseal
