// Shows a survey of processes.
#pragma once

#include <span>

#include "tools/sealctl/output.h"
#include "tools/sealctl/ps/process.h"

namespace sealctl::ps {

// How many processes there are of each verdict, and their code.
struct Totals {
  size_t processes = 0;
  size_t sealed = 0;
  size_t partly = 0;
  size_t unsealed = 0;
  size_t unknown = 0;
  Share code;
};
Totals total(std::span<const Process> processes);

// A line for each of `shown`, what can be done about the reasons in them, and a line with totals.
void show_table(std::span<const Process> shown, const Totals& totals, const Painter& painter);

// The same as one JSON object.
void show_json(std::span<const Process> shown, const Totals& totals);

}  // namespace sealctl::ps
