// Shows what was predicted.
#pragma once

#include <array>
#include <span>

#include "tools/sealctl/check/prediction.h"
#include "tools/sealctl/output.h"

namespace sealctl::check {

struct Totals {
  size_t files = 0;
  std::array<size_t, static_cast<size_t>(Outcome::kCount)> of = {};

  size_t with(Outcome outcome) const { return of[static_cast<size_t>(outcome)]; }
};

struct Shown {
  Prediction prediction;
  bool is_listed = true;  // false: text leaves it out if it is sealed
};

Totals total(std::span<const Shown> files);

// A line for each file with its reasons, then a line with totals.
void show_text(std::span<const Shown> files, const Painter& painter);

// Everything as one JSON object.
void show_json(std::span<const Shown> files, const std::string& root);

// The reasons as a log of static analysis, in the form SARIF 2.1.0. A reason that many programs
// have from one library is one result.
void show_sarif(std::span<const Shown> files, const std::string& root);

}  // namespace sealctl::check
