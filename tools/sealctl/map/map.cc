// See map.h.
#include "tools/sealctl/map/map.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/map/at_end.h"
#include "tools/sealctl/map/describe.h"
#include "tools/sealctl/map/show.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl {
namespace map {
namespace {

constexpr char kDescription[] = "Show what each mapping of a process is, and whether it is sealed";

constexpr char kFooter[] =
    R"(With `-- COMMAND` the command is run to its end, with its input and output left as they are, and
is looked at just before its memory is given back.

Exit status: 0 if everything that ld-seal seals is sealed, 1 if not, 2 for wrong usage, 3 if the
process is gone or may not be looked at, or COMMAND cannot be run.

Examples:
  sealctl map 4711
  sealctl map --json -- git --version)";

struct Options {
  OutputOptions output;
  std::string pid;
};

ExitStatus show(pid_t pid, const Options& options) {
  const std::optional<Map> map = describe(pid);
  if (!map)
    throw Failure(kNotPermitted,
                  fmt::format("{}: there is no such process, or it is a kernel's", pid));
  if (options.output.json) {
    show_json(*map);
  } else {
    show_table(*map, Painter(options.output.color));
  }
  flush_output();
  return map->process.verdict == ps::Verdict::kSealed ? kDone : kFinding;
}

pid_t pid_named(const std::string& word) {
  const pid_t pid = number_in<pid_t>(word).value_or(0);
  if (pid <= 0)
    throw Failure(kUsage, fmt::format("{}: a PID is a positive number", printable(word)));
  return pid;
}

ExitStatus run(const Options& options, const std::vector<std::string>& from_marker) {
  const bool has_command = from_marker.size() > 1;
  if (options.pid.empty() == !has_command)
    throw Failure(kUsage, "either a PID or `-- COMMAND` is needed; --help shows usage");
  if (!has_command) return show(pid_named(options.pid), options);
  ExitStatus status = kNotPermitted;
  run_to_its_end({from_marker.begin() + 1, from_marker.end()},
                 [&](pid_t pid) { status = show(pid, options); });
  return status;
}

}  // namespace
}  // namespace map

void add_map(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("map", map::kDescription);
  auto options = std::make_shared<map::Options>();
  subcommand->add_option("PID", options->pid, "The process")->type_name("");
  add_output_options(*subcommand, options->output);
  subcommand->footer(map::kFooter);
  subcommand->callback([options, from_marker] { throw Ended{map::run(*options, from_marker)}; });
}

}  // namespace sealctl
