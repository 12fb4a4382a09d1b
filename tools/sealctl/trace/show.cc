// See show.h.
#include "tools/sealctl/trace/show.h"

#include <fmt/format.h>

namespace sealctl::trace {
namespace {

std::vector<Cell> line_of(const Range& range) {
  Tone tone = Tone::kGood;
  if (!range.is_sealed) tone = range.is_left_by_policy() ? Tone::kPlain : Tone::kBad;
  return {{fmt::format("{:x}-{:x}", range.start, range.end)},
          {size_text(range.end - range.start)},
          {range.permissions},
          {range.seal_class},
          {range.is_sealed ? "sealed" : "left", tone},
          {printable(range.object)},
          {range.reason.empty() ? "" : fmt::format("({})", range.reason)}};
}

void show_plan(const Plan& plan, const Painter& painter) {
  using enum Table::Column;
  Table table({kLeft, kRight, kLeft, kLeft, kLeft, kShortened});
  table.add_heading({"ADDRESS", "SIZE", "PERM", "CLASS", "VERDICT", "OBJECT"});
  for (const Range& range : plan.ranges) table.add(line_of(range));
  table.print(painter);
  for (const std::string& note : plan.notes) print_text(painter, {printable(note)});
  const Tone tone = plan.is_carried_out() ? Tone::kGood : Tone::kBad;
  if (!plan.gave_way.empty())
    print_text(painter, {fmt::format("ld-seal left the program to libc's loader: {}",
                                     printable(plan.gave_way)),
                         Tone::kBad});
  if (!plan.result.empty()) print_text(painter, {printable(plan.result), tone});
}

}  // namespace

void show_table(const TracedRun& run, const std::vector<std::string>& command,
                const Painter& painter) {
  const bool has_own = !run.processes.empty() && run.processes.front().pid == run.pid;
  if (!has_own)
    print_text(painter, {fmt::format("ld-seal has not started {}: `sealctl check {}` says why, "
                                     "sealctl-adopt(1) what to do.",
                                     printable(command.front()), printable(command.front()))});
  for (const TracedProcess& process : run.processes) {
    for (const Plan& plan : process.plans) {
      const char* what = plan.is_start() ? "start of a program" : "objects opened later";
      const std::string heading = fmt::format("{} in process {}:", what, process.pid);
      const bool is_first = &process == &run.processes.front() && &plan == &process.plans.front();
      if (!is_first || process.pid != run.pid)
        fmt::print("\n{}\n", painter.paint({heading, Tone::kHeading}));
      show_plan(plan, painter);
    }
  }
}

}  // namespace sealctl::trace
