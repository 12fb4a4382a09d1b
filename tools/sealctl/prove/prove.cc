// See prove.h.
#include "tools/sealctl/prove/prove.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/prove/again.h"
#include "tools/sealctl/prove/show.h"
#include "tools/sealctl/text.h"

namespace sealctl {
namespace prove {
namespace {

constexpr char kProveDescription[] = "Attack copies of a fresh start of a program; show what held";

constexpr char kProveFooter[] =
    R"(COMMAND is started and stopped when it is sealed and makes its first system call: no function of
the program has run but constructors. With a PID the program of that process is started anew, with
its arguments, environment, folder and user. The process itself is only looked at.

Then every mapping that ld-seal seals by default is attacked, each time in a new copy of the stopped
process. "held" means that nothing is different afterwards; "not made", that the attack could not be
prepared. A program that is not sealed runs to its exit, where it is stopped.

The last three attacks pass seals on every kernel so far; --strict counts them, too.

Control flow is attacked in copies of a second start, which is about to call main(): writable slots
of calls are overwritten (GOT), link maps get other destructors and exit() runs (House of Banana).

Exit status: 0 if all seals held and no attack on control flow worked, 1 if not, 2 for wrong usage, 3
if the program cannot be started or traced.

Examples:
  sealctl prove -- git --version
  sealctl prove --json 4711)";

struct ProveOptions {
  OutputOptions output;
  std::string pid;
  bool strict = false;
};

Command command_for(const ProveOptions& options, const std::vector<std::string>& from_marker) {
  const bool has_command = from_marker.size() > 1;
  if (options.pid.empty() == !has_command)
    throw Failure(kUsage, "either a PID or `-- COMMAND` is needed; --help shows usage");
  if (has_command) return command_of({from_marker.begin() + 1, from_marker.end()});
  const pid_t pid = number_in<pid_t>(options.pid).value_or(0);
  if (pid <= 0)
    throw Failure(kUsage, fmt::format("{}: a PID is a positive number", printable(options.pid)));
  return command_of(pid);
}

ExitStatus prove_command(const ProveOptions& options, const std::vector<std::string>& from_marker) {
  const Proof proof = prove(command_for(options, from_marker));
  if (options.output.json) {
    show_json(proof);
  } else {
    show_table(proof, Painter(options.output.color));
  }
  flush_output();
  const bool is_good = proof.missing() == 0 && !proof.control_flow.is_open() &&
                       !(options.strict && proof.has_way_around());
  return is_good ? kDone : kFinding;
}

}  // namespace
}  // namespace prove

void add_prove(CLI::App& app, const std::vector<std::string>& from_marker) {
  CLI::App* subcommand = app.add_subcommand("prove", prove::kProveDescription);
  auto options = std::make_shared<prove::ProveOptions>();
  subcommand->add_option("PID", options->pid, "The process")->type_name("");
  subcommand->add_flag("--strict", options->strict, "Count what the kernel lets through, too");
  add_output_options(*subcommand, options->output);
  subcommand->footer(prove::kProveFooter);
  subcommand->callback(
      [options, from_marker] { throw Ended{prove::prove_command(*options, from_marker)}; });
}

}  // namespace sealctl
