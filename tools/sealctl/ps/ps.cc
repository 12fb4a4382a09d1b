// See ps.h.
#include "tools/sealctl/ps/ps.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/ps/inspect.h"
#include "tools/sealctl/ps/show.h"
#include "tools/sealctl/ps/survey.h"
#include "tools/sealctl/ps/unit.h"
#include "tools/sealctl/text.h"
#include "tools/sealctl/users.h"

namespace sealctl::ps {
namespace {

constexpr char kDescription[] = "Show which processes are sealed, and why the others are not";

constexpr char kFooter[] =
    R"(Columns:
  LOADER       what has started the program: ld-seal, glibc or musl (libc's own loader), static,
               32-bit, other
  CODE SEALED  the share of the executable memory that is sealed, and the number of sealed ranges
  RELRO        is the data sealed that is read-only after relocation? 2/3: of two objects of three
  VDSO         is the kernel's [vdso] sealed?
  GUARDS       guards in the page table under the stacks of threads, and the number of threads
               without the first one

Everything is read from /proc; nothing is changed or stopped. Other users' processes can be looked
at by root alone.

Exit status: 0 if all processes that could be looked at are sealed, 1 if one is not, 2 for wrong
usage, 3 if a PID is gone or may not be looked at, or nothing could be looked at.

Examples:
  sealctl ps --unsealed
  sealctl ps --unit ssh --json)";

struct Options {
  OutputOptions output;
  std::vector<std::string> pids;
  bool unsealed = false;
  std::string unit;
  std::string user;
};

pid_t pid_named(const std::string& word) {
  const pid_t pid = number_in<pid_t>(word).value_or(0);
  if (pid <= 0)
    throw Failure(kUsage, fmt::format("{}: a PID is a positive number", printable(word)));
  return pid;
}

std::vector<pid_t> pids_of(const Options& options) {
  if (options.pids.empty()) return list_processes();
  std::vector<pid_t> pids;
  for (const std::string& word : options.pids) pids.push_back(pid_named(word));
  std::ranges::sort(pids);
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

// Leaves out the processes that are not asked for.
void select(std::vector<Process>& processes, const Options& options) {
  if (!options.unit.empty())
    std::erase_if(processes, [&](const Process& p) { return !is_in_unit(p.cgroup, options.unit); });
  if (options.user.empty()) return;
  const std::optional<uid_t> user = user_named(options.user);
  if (!user)
    throw Failure(kUsage, fmt::format("{}: /etc/passwd has no such user; give the number",
                                      printable(options.user)));
  std::erase_if(processes, [&](const Process& p) { return p.user != *user; });
}

// Names those of the processes asked for that there are not. Returns whether there is one.
bool report_missing(const std::vector<pid_t>& pids, const std::vector<Process>& found) {
  bool is_any_missing = false;
  for (const pid_t pid : pids) {
    if (std::ranges::find(found, pid, &Process::pid) != found.end()) continue;
    is_any_missing = true;
    fmt::print(stderr, "sealctl: {}: there is no such process, or it is a kernel's\n", pid);
  }
  return is_any_missing;
}

ExitStatus status_of(const Totals& totals, const Options& options, bool is_any_missing) {
  const bool asks_for_some = !options.pids.empty();
  const bool sees_nothing = totals.unknown == totals.processes && totals.processes != 0;
  if (is_any_missing || sees_nothing || (asks_for_some && totals.unknown != 0))
    return kNotPermitted;
  return totals.partly + totals.unsealed != 0 ? kFinding : kDone;
}

ExitStatus show_processes(const Options& options) {
  const std::vector<pid_t> pids = pids_of(options);
  std::vector<Process> processes = survey(pids);
  const bool is_any_missing = !options.pids.empty() && report_missing(pids, processes);
  select(processes, options);
  const Totals totals = total(processes);
  if (options.unsealed)
    std::erase_if(processes, [](const Process& p) { return p.verdict == Verdict::kSealed; });
  if (options.output.json) {
    show_json(processes, totals);
  } else {
    show_table(processes, totals, Painter(options.output.color));
  }
  flush_output();
  return status_of(totals, options, is_any_missing);
}

}  // namespace
}  // namespace sealctl::ps

namespace sealctl {

void add_ps(CLI::App& app) {
  using namespace ps;
  CLI::App* subcommand = app.add_subcommand("ps", kDescription);
  auto options = std::make_shared<Options>();
  subcommand->add_option("PID", options->pids, "Only these processes")->type_name("");
  subcommand->add_flag("--unsealed", options->unsealed, "Only those that are not wholly sealed");
  subcommand->add_option("--unit", options->unit, "Only those of this unit, slice or scope")
      ->type_name("UNIT");
  subcommand->add_option("--user", options->user, "Only those of this user")->type_name("USER");
  add_output_options(*subcommand, options->output);
  subcommand->footer(kFooter);
  subcommand->callback([options] { throw Ended{show_processes(*options)}; });
}

}  // namespace sealctl
