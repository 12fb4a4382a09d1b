// See statistics.h.
#include "ldso/start/statistics.h"

#include "ldso/base/trace.h"
#include "ldso/sys/kernel.h"

namespace ldseal {

Stopwatch::Stopwatch() {
  if (trace::on(Topic::kStatistics)) start_ = last_ = kernel::monotonic_nanoseconds();
}

void Stopwatch::lap(Lap which) {
  if (!trace::on(Topic::kStatistics)) return;
  uint64_t now = kernel::monotonic_nanoseconds();
  laps_[static_cast<size_t>(which)] = now - last_;
  last_ = now;
}

void Stopwatch::log(const LinkStatistics& s) const {
  if (!trace::on(Topic::kStatistics)) return;
  auto of = [&](Lap which) { return laps_[static_cast<size_t>(which)]; };
  trace::log(Topic::kStatistics, {Event::kStatistics,
                                  {},
                                  {kernel::monotonic_nanoseconds() - start_, of(Lap::kLoad),
                                   of(Lap::kRuntime), of(Lap::kLink), of(Lap::kSeal), s.relocations,
                                   s.relative, s.lookups, s.reused_lookups}});
}

}  // namespace ldseal
