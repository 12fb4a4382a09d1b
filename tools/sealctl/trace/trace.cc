// See trace.h.
#include "tools/sealctl/trace/trace.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <sys/wait.h>

#include "tools/sealctl/classes.h"
#include "tools/sealctl/failure.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/run_settings.h"
#include "tools/sealctl/trace/show.h"
#include "tools/sealctl/trace/traced_run.h"

namespace sealctl {
namespace trace {
namespace {

constexpr char kTraceDescription[] = "Run a command and show the plan by which ld-seal sealed it";

constexpr char kTraceFooter[] =
    R"(The command runs with its input and outputs left as they are. When it has ended, each range of
memory is listed that ld-seal considered: its class, and whether it was sealed, or why not. Objects
that were opened later and sealed have a table each. The lines that LDSEAL_DEBUG=seal,threads makes
ld-seal write are what is shown; they go to files in TMPDIR meanwhile.

Exit status: 0 if what the policy wants is sealed, 1 if not, or ld-seal has not started COMMAND, 2
for wrong usage, 3 if COMMAND cannot be run. That of COMMAND is in --json.

Examples:
  sealctl trace -- ./program
  sealctl trace --policy=+data --json -- git --version)";

struct TraceOptions {
  OutputOptions output;
  RunSettings settings;
  bool children = false;
};

// The hatch's classes are known before anything is run.
void check_classes(const std::string& classes) {
  if (classes.empty()) return;
  try {
    (void)classes_named(classes);
  } catch (const Failure& failure) {
    throw Failure(kUsage, failure.what());
  }
}

ExitStatus status_of(const TracedRun& run) {
  if (run.processes.empty() || run.processes.front().pid != run.pid) return kFinding;
  const std::vector<Plan>& plans = run.processes.front().plans;
  return std::ranges::all_of(plans, &Plan::is_carried_out) ? kDone : kFinding;
}

ExitStatus trace_command(const TraceOptions& options, const std::vector<std::string>& from_marker) {
  if (from_marker.size() < 2) throw Failure(kUsage, "`-- COMMAND` is needed; --help shows usage");
  check_classes(options.settings.exempt);
  const std::vector<std::string> command(from_marker.begin() + 1, from_marker.end());
  TracedRun run = run_traced(command, [&] { apply(options.settings); });
  if (!options.children)
    std::erase_if(run.processes, [&](const TracedProcess& each) { return each.pid != run.pid; });
  if (options.output.json) {
    show_json(run, command);
  } else {
    show_table(run, command, Painter(options.output.color));
  }
  flush_output();
  return status_of(run);
}

}  // namespace
}  // namespace trace

void add_trace(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("trace", trace::kTraceDescription);
  auto options = std::make_shared<trace::TraceOptions>();
  add_run_settings(*subcommand, options->settings);
  subcommand->add_flag("--children", options->children, "Show the processes that it started, too");
  add_output_options(*subcommand, options->output);
  subcommand->footer(trace::kTraceFooter);
  subcommand->callback(
      [options, from_marker] { throw Ended{trace::trace_command(*options, from_marker)}; });
}

}  // namespace sealctl
