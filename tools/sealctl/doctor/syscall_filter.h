// What systemd's SystemCallFilter= does to mseal.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/doctor/packages.h"

namespace sealctl::doctor {

enum class FilterKind { kNone, kAllowList, kDenyList };

struct FilterAnswer {
  FilterKind kind = FilterKind::kNone;
  bool allows_mseal = true;
};

// `values` are those of all assignments in their order; an empty one takes those before it back.
FilterAnswer evaluate_filter(const std::vector<std::string>& values, const SystemdFacts& systemd);

}  // namespace sealctl::doctor
