// What systemd's SystemCallFilter= does to mseal.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/doctor/packages.h"
#include "tools/sealctl/doctor/unit_files.h"

namespace sealctl::doctor {

enum class FilterKind { kNone, kAllowList, kDenyList };

struct FilterAnswer {
  FilterKind kind = FilterKind::kNone;
  bool allows_mseal = true;
  // prctl and clone, by which ld-seal finds out what else is allowed.
  bool allows_prctl = true;
  bool allows_clone = true;
};

// `values` are those of all assignments in their order; an empty one takes those before it back.
FilterAnswer evaluate_filter(const std::vector<std::string>& values, const SystemdFacts& systemd);

// Does the unit's filter kill a program that asks what it allows?
bool kills_for_questions(const Unit& unit, const SystemdFacts& systemd);

}  // namespace sealctl::doctor
